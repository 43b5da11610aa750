import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { type Seen, type SeenInput, warningsOf } from '../../../src/server/answers/warnings';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import type { Prediction, Target } from '../../../src/shared/explanation';
import type { Preprocessing } from '../../../src/shared/inputs';
import type { ExplainParams } from '../../../src/shared/protocol';

const IMAGE: SeenInput = {
  name: 'image',
  isImage: true,
  isPrepared: true,
  min: 0,
  max: 1,
  shape: [224, 224, 3],
};
const CLASSES: readonly Prediction[] = [
  { index: 3, label: 'cat', logit: 2, probability: 0.8 },
  { index: 1, label: null, logit: 1, probability: 0.2 },
];
const TARGET = { index: 3, label: 'cat', score: 'logit', probability: 0.8 } as Target;

const map = (
  values: readonly number[],
  shape: readonly number[] = [values.length],
  input = 0,
): Seen['maps'][number] => {
  const raw = { shape, values: Float32Array.from(values) };
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const range = { shape, min, max };
  const top = Math.max(...values.map(Math.abs));
  const header = {
    input: ['image', 'time'][input] ?? '',
    inputIndex: input,
    map: { ...range, top },
    raw: range,
    onInput: true,
    placement: null,
  };
  return { raw, map: raw, header };
};
const square = (size: number) =>
  map(
    Array.from({ length: size * size }, (_, i) => i),
    [size, size],
  );

/** An explanation that nothing speaks against, with some of it changed. */
const seen = ({
  header,
  ...change
}: Partial<Omit<Seen, 'header'>> & { readonly header?: Partial<Seen['header']> }): Seen => ({
  header: {
    ...{
      method: 'grad-cam',
      layer: 'conv',
      display: 'positive',
      units: 10,
      predictions: CLASSES,
      target: TARGET,
    },
    ...header,
  },
  maps: [square(14)],
  inputs: [IMAGE],
  preprocessing: '0..1',
  scaler: null,
  isUsuallyScaled: true,
  isLayerZero: null,
  ...change,
});
const target = (score: Target['score'], probability: number) => ({
  target: { ...TARGET, score, probability },
});
const rescaling = { path: 'rescaling', className: 'Rescaling' };

test('an explanation that nothing speaks against has no warning', () => {
  expect(warningsOf(seen({}))).toEqual([]);
});

type Case = readonly [string, Parameters<typeof seen>[0], RegExp];
const WARNED: readonly Case[] = [
  [
    'a saturated probability',
    { header: target('probability', 0.9995) },
    /^The probability \(0\.9995\) is saturated.*logit/,
  ],
  ['one near zero', { header: target('probability', 2e-5) }, /is saturated/],
  [
    'evidence against alone',
    { maps: [map([-1, -2, 0])] },
    /all of the evidence found is against it.*--display signed/,
  ],
  [
    'a layer of zeros',
    { maps: [map([0, 0])], isLayerZero: true },
    /^Layer "conv" gives only zeros for this input/,
  ],
  [
    'an input without influence',
    { header: { method: 'saliency' }, maps: [map([1, 2]), map([0, 0], [2], 1)] },
    /^Input "time" has no influence/,
  ],
  [
    '7 x 7 cells on 224 x 224',
    { maps: [square(7)] },
    /^The map has 7 x 7 cells, each for about 32 x 32 positions/,
  ],
  [
    'the same with channels first',
    { maps: [square(7)], inputs: [{ ...IMAGE, shape: [3, 224, 224] }] },
    /^The map has 7 x 7 cells, each for about 32 x 32 positions/,
  ],
  ['a single cell', { maps: [map([2], [1, 1])] }, /^The map has a single cell/],
  ['a tie of positions', { maps: [map([1, 5, 5, 5])] }, /at 3 positions alike/],
  [
    'a tie of predictions',
    { header: { predictions: CLASSES.map((one) => ({ ...one, logit: 2 })) } },
    /^Class 3 \(cat\) and Class 1 have the same score/,
  ],
  [
    'scaling in the model and before it',
    { scaler: rescaling },
    /\(layer "rescaling", Rescaling\), and preprocessing 0\.\.1 .*"none"/,
  ],
  [
    'an array that is scaled, and scaling in the model',
    { scaler: rescaling, preprocessing: 'none', inputs: [{ ...IMAGE, isPrepared: false }] },
    /already within 0 to 1: give it values of 0 to 255/,
  ],
  [
    'an array outside the range',
    { inputs: [{ ...IMAGE, isPrepared: false, max: 255 }] },
    /^Input "image" has values of 0 to 255, and preprocessing 0\.\.1 implies 0 to 1\. An array is taken as it is/,
  ],
  [
    'values below the range',
    { preprocessing: 'caffe', inputs: [{ ...IMAGE, min: -200 }] },
    /implies -123\.7 to 151\.1\.$/,
  ],
  [
    'bytes where nothing scales them',
    { preprocessing: 'none', inputs: [{ ...IMAGE, max: 255 }] },
    /no layer scales them/,
  ],
];
test.each(WARNED)('%s is said, and nothing else', (_, change, sentence) => {
  expect(warningsOf(seen(change))).toEqual([expect.stringMatching(sentence)]);
});

const SILENT: readonly (readonly [string, Parameters<typeof seen>[0]])[] = [
  ['a saturated probability behind a logit', { header: target('logit', 1) }],
  ['log-odds, which do not saturate', { header: target('log-odds', 1) }],
  ['a probability of 0.99', { header: target('probability', 0.99) }],
  ['evidence against that is shown', { header: { display: 'signed' }, maps: [map([-1, -2])] }],
  ['7 x 7 cells on a small image', { maps: [square(7)], inputs: [{ ...IMAGE, shape: [96, 96, 3] }] }],
  ['14 x 14 cells on 224 x 224', { maps: [square(14)] }],
  ['a map at the input', { header: { method: 'saliency' }, maps: [square(7)] }],
  ['a group of positions', { header: { method: 'lime' }, maps: [map([1, 5, 5])] }],
  ['a map that is the same everywhere', { maps: [map([5, 5, 5])] }],
  [
    'bytes that the model scales',
    { scaler: rescaling, preprocessing: 'none', inputs: [{ ...IMAGE, max: 255 }] },
  ],
  [
    'bytes that an operation scales',
    { isUsuallyScaled: false, preprocessing: 'none', inputs: [{ ...IMAGE, max: 255 }] },
  ],
  ['a table, to which no preprocessing applies', { inputs: [{ ...IMAGE, isImage: false, max: 9000 }] }],
  ['a standardised array', { inputs: [{ ...IMAGE, isPrepared: false, min: -2.4, max: 3.1 }] }],
  ['a custom preprocessing', { preprocessing: 'custom', inputs: [{ ...IMAGE, max: 9000 }] }],
];
test.each(SILENT)('nothing is said of %s', (_, change) => {
  expect(warningsOf(seen(change))).toEqual([]);
});

describe('in an explanation of a sample', () => {
  const samples = join(__dirname, '../../../samples');

  async function notices(
    model: string,
    input: string,
    name: Preprocessing['name'] | null,
    asked: Pick<ExplainParams, 'method' | 'target'> & Partial<ExplainParams>,
  ): Promise<readonly string[]> {
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
    const { id, defaultPreprocessing } = await session.open(join(samples, model));
    const preprocessing = name === null ? defaultPreprocessing : { name };
    const inputs = [{ kind: 'file', path: join(samples, input) }] as const;
    try {
      const { explanation } = await session.run(id, inputs, preprocessing, NO_CONTROL, (run) =>
        explainRun(run, { modelId: id, inputs, preprocessing, layer: 'auto', ...asked }, NO_CONTROL),
      );
      return explanation.notices;
    } finally {
      session.close(id);
    }
  }
  const [model, cat] = ['4-cat-or-dog/cat-or-dog.keras', '4-cat-or-dog/cat.png'];

  it('there is none where all is as it should be', async () => {
    expect(await notices(model, cat, null, { method: 'grad-cam', target: { index: 'auto' } })).toEqual([]);
  });

  it('a saturated probability and unscaled bytes are said', async () => {
    const found = await notices(model, cat, 'none', {
      method: 'grad-cam',
      target: { index: 'auto', score: 'probability' },
    });
    expect(found).toContainEqual(expect.stringMatching(/no layer scales them|scales it before that/));
    expect(found).toContainEqual(expect.stringMatching(/^The probability \(.*\) is saturated/));
  });
});
