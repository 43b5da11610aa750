import type { CheckpointsChoice, CheckpointsContext } from '../../../src/shared/checkpoints/checkpointsView';
import { type LayerglassError, ok, type Result } from '../../../src/shared/errors';
import type { EpochReport } from '../../../src/shared/results/checkpoints';
import type { FakeHost } from '../pageHarness';

/** Results for a fake host of the page of checkpoints: five epochs, of which the fourth goes wrong. */

const choice: CheckpointsChoice = {
  folder: '/runs/shapes',
  modelPath: '/runs/shapes/epoch-5.keras',
  inputs: [{ kind: 'file', path: '/runs/shape.png' }],
  preprocessing: { name: 'none' },
  method: 'grad-cam',
  layer: 'auto',
  target: 'auto',
  label: null,
  isOneScale: false,
};

const NAMES = [1, 2, 3, 4, 5].map((number) => `epoch-${number}.keras`);

export const context: CheckpointsContext = {
  choice,
  folderName: 'shapes',
  list: {
    folder: choice.folder,
    files: NAMES.map((name, i) => ({ path: `/runs/shapes/${name}`, name, number: i + 1, modified: i })),
    orderedBy: 'number',
    others: ['best.keras'],
    cut: 0,
  },
  layers: {
    defaultLayer: 'parts',
    attentionLayers: [],
    layers: [{ path: 'parts', shape: [null, 5, 5, 8] }],
  },
  labels: ['lying', 'standing', 'square'],
  outputs: ['shape'],
  inputNames: ['shape.png'],
};

const SIZE = 16;
const bytes = (values: readonly number[]): string => Buffer.from(Uint8Array.from(values)).toString('base64');
const pixels = Array.from({ length: SIZE * SIZE }, (_, i) => ({ x: i % SIZE, y: Math.floor(i / SIZE) }));

export function report(index: number): EpochReport {
  const isWrong = index >= 3;
  const scores = isWrong ? [0.02, 0.08, 0.9] : [0.4 + 0.15 * index, 0.2 - 0.05 * index, 0.4 - 0.1 * index];
  const order = [0, 1, 2].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const dead = isWrong ? 12 : 1;
  return {
    backend: 'wasm',
    predictions: order.map((one) => ({
      index: one,
      label: context.labels[one] ?? null,
      logit: Math.log(scores[one] ?? 0),
      probability: scores[one] ?? 0,
    })),
    scores: {
      shape: [3],
      dtype: 'float32',
      data: Buffer.from(Float32Array.from(scores).buffer).toString('base64'),
    },
    isProbability: true,
    predicted: order[0] ?? null,
    map: {
      method: 'grad-cam',
      layer: 'parts',
      target: order[0] ?? 0,
      values: {
        shape: [SIZE, SIZE],
        dtype: 'uint8',
        data: bytes(
          pixels.map(({ x, y }) => Math.round(254 * Math.exp(-((x - 4 - index) ** 2 + (y - 8) ** 2) / 20))),
        ),
      },
      top: index === 0 ? 0.5 : 1,
      isSigned: false,
      input: {
        shape: [SIZE, SIZE, 3],
        dtype: 'uint8',
        data: bytes(
          pixels.flatMap(({ x, y }) => Array(3).fill(x > 2 && x < 13 && y > 6 && y < 10 ? 220 : 40)),
        ),
      },
    },
    mapProblem: null,
    layers: [
      { path: 'edges', dead: isWrong ? 6 : 0, channels: 6, saturated: null, nan: 0, inf: 0 },
      { path: 'parts', dead: dead - (isWrong ? 6 : 0), channels: 8, saturated: null, nan: 0, inf: 0 },
      { path: 'gate', dead: null, channels: null, saturated: 0.25, nan: 0, inf: 0 },
    ],
    firstBad: null,
    weights: [
      { layer: 'edges', norm: isWrong ? 4195 : 1.6 + 0.2 * index, nonFinite: 0 },
      { layer: 'parts', norm: isWrong ? 10842 : 3.7 + index, nonFinite: 0 },
    ],
    ...(index === 0
      ? {}
      : {
          changes: [
            { layer: 'edges', distance: index === 3 ? 4195 : 0.3 },
            { layer: 'parts', distance: index === 3 ? 10842 : 0.4 },
          ],
        }),
  };
}

export const DAMAGED: LayerglassError = {
  kind: 'truncated',
  message: 'epoch-2.keras is cut short: it has 12 of 4606 bytes.',
  remedy: 'Copy the file again.',
};

/** The second file is damaged. */
export const epochResult = (index: number): Result<EpochReport> =>
  index === 1 ? { ok: false, error: DAMAGED } : ok(report(index));

export const checkpointsHost = (overrides: FakeHost<'checkpoints'> = {}): FakeHost<'checkpoints'> => ({
  ready: () => ok(context),
  epoch: epochResult,
  ...overrides,
});
