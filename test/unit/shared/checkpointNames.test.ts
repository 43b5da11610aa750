import { describe, expect, it } from 'vitest';
import { isCheckpointName, seriesOf } from '../../../src/shared/checkpoints/checkpointNames';

describe('names of checkpoints', () => {
  it.each([
    'a.keras',
    'a.weights.h5',
    'a.h5',
    'a.hdf5',
    'a.weights.json',
    'ckpt-3.index',
    'cp-0007.ckpt.index',
  ])('%s is one', (name) => expect(isCheckpointName(name)).toBe(true));
  it.each([
    'model.json',
    'a_00001.weights.h5',
    'ckpt-3.data-00000-of-00001',
    'search.index',
    'a.png',
    'checkpoint',
  ])('%s is none', (name) => expect(isCheckpointName(name)).toBe(false));
});

describe('the epochs of a folder', () => {
  it('are ordered by their number, not by their letters', () => {
    expect(seriesOf(['epoch-10.keras', 'epoch-9.keras', 'epoch-100.keras', 'log.txt'])).toEqual({
      names: ['epoch-9.keras', 'epoch-10.keras', 'epoch-100.keras'],
      numbers: [9, 10, 100],
      others: [],
    });
  });
  it('go by the number after a word such as epoch, whatever comes before it', () => {
    const names = ['run7_loss0.52_epoch3.h5', 'run8_loss0.41_epoch1.h5', 'run9_loss0.9_epoch2.h5'];
    expect(seriesOf(names).numbers).toEqual([1, 2, 3]);
  });
  it('go by the first whole number that tells them apart; a measure is not one', () => {
    const names = ['resnet50-0.81-02.keras', 'resnet50-0.92-01.keras'];
    expect(seriesOf(names)).toMatchObject({ names: [names[1], names[0]], numbers: [1, 2] });
  });
  it('are those whose names differ in numbers only; the others are named', () => {
    const names = ['best.keras', 'epoch-1.keras', 'epoch-2.keras', 'final_2024.keras'];
    expect(seriesOf(names)).toEqual({
      names: ['epoch-1.keras', 'epoch-2.keras'],
      numbers: [1, 2],
      others: ['best.keras', 'final_2024.keras'],
    });
  });
  it('are the largest group, of equally large ones that of whole models', () => {
    const weights = ['e1.weights.h5', 'e2.weights.h5'];
    const models = ['e1.keras', 'e2.keras'];
    expect(seriesOf([...weights, ...models]).names).toEqual(models);
    expect(seriesOf([...weights, 'e3.weights.h5', ...models]).numbers).toEqual([1, 2, 3]);
  });
  it('are those of the file that was chosen', () => {
    const names = ['a1.keras', 'a2.keras', 'a3.keras', 'b1.keras', 'b2.keras', 'last.keras'];
    expect(seriesOf(names, 'b2.keras').names).toEqual(['b1.keras', 'b2.keras']);
    expect(seriesOf(names, 'last.keras')).toMatchObject({ names, numbers: null });
  });
  it('have no order of their own where no number tells them apart', () => {
    expect(seriesOf(['one.keras', 'two.keras', 'x.h5'])).toEqual({
      names: ['one.keras', 'two.keras'],
      numbers: null,
      others: ['x.h5'],
    });
    expect(seriesOf(['0.5.keras', '0.25.keras'])).toMatchObject({ numbers: null });
  });
  it('are none in a folder without checkpoints', () => {
    expect(seriesOf(['a.txt'])).toEqual({ names: [], numbers: null, others: [] });
  });
});
