import type { DoctorFinding } from '../../../src/shared/results/doctor';
import type { HealthRow, ModelHealth } from '../../../src/shared/results/health';
import type { HealthChoice } from '../../../src/shared/view';

/** Results for a fake host of the health page. */

export const choice: HealthChoice = {
  modelPath: '/models/cats.keras',
  inputs: [{ kind: 'file', path: '/models/cat.png' }],
  preprocessing: { name: 'none' },
};

function row(index: number, stage: HealthRow['stage'], more: Partial<HealthRow> = {}): HealthRow {
  const spread = 1 + ((index * 7) % 13);
  return {
    ...{ path: `block${index}_conv`, className: index % 3 === 0 ? 'Dense' : 'Conv2D', stage, output: 0 },
    ...{ shape: [1, 14, 14, 32], min: stage === 'pre' ? -spread : 0, max: spread, mean: 0.1 * index },
    ...{
      std: spread / 3,
      negative: stage === 'pre' ? 3136 : 0,
      zero: stage === 'pre' ? 0 : 3136,
      nan: 0,
      inf: 0,
    },
    ...{ deadChannels: stage === 'post' ? index % 5 : null, channels: stage === 'post' ? 32 : null },
    saturated: null,
    histogram: {
      min: -spread,
      max: spread,
      counts: Array.from({ length: 32 }, (_, bin) => Math.round(400 * Math.exp(-((bin - 12) ** 2) / 40))),
    },
    ...more,
  };
}

export const rows = (layers: number): HealthRow[] =>
  Array.from({ length: layers }, (_, i) => [row(i, 'pre'), row(i, 'post')]).flat();

export const BROKEN: ModelHealth = {
  backend: 'onnx',
  layers: [
    ...rows(6),
    row(6, 'post', {
      path: 'batch_normalization',
      className: 'BatchNormalization',
      nan: 196,
      deadChannels: null,
    }),
  ],
  firstBad: { path: 'batch_normalization', why: 'NaN: channel 2, moving_variance = -1' },
  unknown: [{ path: 'after', because: 'mine' }],
};
export const FINDING: DoctorFinding = {
  kind: 'batch-normalization',
  layer: 'bn_Conv1',
  sentence: 'bn_Conv1 was trained on mean 0.1 and gets 74: pixels probably not scaled.',
  action: { label: 'Try -1..1', preprocessing: { name: '-1..1' } },
};
