import { describe, expect, it } from 'vitest';
import { probabilityText } from '../../src/webview/explain/targets';
import {
  formatDuration,
  formatNumber,
  formatProbability,
  formatShape,
  formatShare,
} from '../../src/webview/format';

describe('number formats of the pages', () => {
  it.each([
    [0, '0'],
    [12, '12'],
    [-7.65432, '-7.654'],
    [0.00012345, '1.23e-4'],
    [123456.7, '123500'],
    [2.5e7, '2.5e7'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-∞'],
    [Number.POSITIVE_INFINITY, '+∞'],
    [0.99999992, '1 - 8e-8'],
    [-0.99998, '-1 + 2e-5'],
    [0.9994, '0.9994'],
    [1, '1'],
    [1.00001, '1'],
  ])('formats %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('does not round a probability to 1 or 0', () => {
    expect(formatProbability(1, 8.337e-8)).toBe('1 - 8.3e-8');
    expect(formatProbability(0.99995)).toBe('1 - 5e-5');
    expect(formatProbability(8.337e-8)).toBe('8.3e-8');
    expect(formatProbability(0.25)).toBe('0.25');
    expect(formatProbability(1, 0)).toBe('1');
    expect(formatProbability(Number.NaN)).toBe('NaN');
  });

  it('computes the probability of a single sigmoid from its logit where p itself would round', () => {
    const textOf = (logit: number, probability: number) =>
      probabilityText({ index: 1, label: null, logit, probability }, { predictions: [], binary: true });
    expect(textOf(728, 1)).toBe('1 - 6.8e-317');
    expect(textOf(-728, 0)).toBe('6.8e-317');
    expect(textOf(Number.POSITIVE_INFINITY, 1)).toBe('1');
    expect(textOf(16.3, 0.99999992)).toBe('1 - 8.3e-8');
    expect(textOf(0, 0.5)).toBe('0.5');
  });

  it('does not round a share to 0 % or 100 %', () => {
    expect(formatShare(0)).toBe('0 %');
    expect(formatShare(1e-6)).toBe('< 0.1 %');
    expect(formatShare(0.999999)).toBe('> 99.9 %');
    expect(formatShare(0.6962)).toBe('69.6 %');
    expect(formatShare(1)).toBe('100 %');
  });

  it('formats shapes as Keras does', () => {
    expect(formatShape([null, 14, 14, 512])).toBe('(None, 14, 14, 512)');
    expect(formatShape([10])).toBe('(10,)');
    expect(formatShape(null)).toBe('unknown');
  });

  it('formats durations', () => {
    expect(formatDuration(0.2)).toBe('1 ms');
    expect(formatDuration(840)).toBe('840 ms');
    expect(formatDuration(2440)).toBe('2.4 s');
  });
});
