import { describe, expect, it } from 'vitest';
import {
  dispatchCall,
  EXPLAIN_CALLS,
  LAYER_CALLS,
  SUMMARY_CALLS,
} from '../../../../src/extension/panels/pageCalls';
import { Failure } from '../../../../src/shared/errors';
import type { SummaryHost } from '../../../../src/shared/view';

const said: unknown[] = [];
const host: SummaryHost = {
  ready: async () => ({ ok: false, error: { kind: 'closed', message: 'Closed.' } }),
  retry: async () => undefined,
  explain: async (layer) => void said.push(layer),
  openLayer: async (layer) => void said.push(layer),
  copy: async (text) => void said.push(text),
  trainingConfig: async () => ({ ok: true, value: { config: null, isCut: false } }),
  offersH5Web: async () => false,
  openWithH5Web: async () => undefined,
  openSuggestion: async () => undefined,
  showGraph: async () => undefined,
  showLog: async () => undefined,
};

describe('what a page calls', () => {
  it('reaches the method of its name', async () => {
    await dispatchCall(host, SUMMARY_CALLS, 'explain', [null]);
    await dispatchCall(host, SUMMARY_CALLS, 'copy', ['conv']);
    expect(said).toEqual([null, 'conv']);
  });

  it.each<[string, unknown[], RegExp]>([
    ['constructor', [], /"constructor", which does not exist/],
    ['__proto__', [], /which does not exist/],
    ['copy', [], /"copy" with an invalid value/],
    ['copy', [{ text: 'x' }], /"copy" with an invalid value at "0"/],
    ['explain', [7], /"explain" with an invalid value at "0"/],
    ['openLayer', ['a', 'b'], /"openLayer" with an invalid value/],
  ])('is refused with invalid arguments: %s %j', (call, args, sentence) => {
    expect(() => dispatchCall(host, SUMMARY_CALLS, call, args)).toThrow(sentence);
    expect(() => dispatchCall(host, SUMMARY_CALLS, call, args)).toThrow(Failure);
  });

  it('has each part validated: no fractional channel, no opacity above 1, no unknown target', () => {
    const tiles = (from: unknown) => LAYER_CALLS.tiles.safeParse(['post', from, [4], 64]).success;
    expect([8, 0.5, '8', -1].map(tiles)).toEqual([true, false, false, false]);
    const change = (part: unknown) => EXPLAIN_CALLS.change.safeParse([part]).success;
    expect(
      [{}, { target: { index: 3 } }, { opacity: 1.5 }, { target: { index: 'best' } }, []].map(change),
    ).toEqual([true, true, false, false, false]);
  });
});
