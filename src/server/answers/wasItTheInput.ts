import { fail } from '../../shared/errors';
import type { Prediction } from '../../shared/explanation';
import { PREPROCESSINGS, type Preprocessing, unscaled } from '../../shared/inputs';
import { numberText } from '../../shared/numberText';
import type { WasItTheInputParams } from '../../shared/protocol';
import type { Variation, WasItTheInput } from '../../shared/results/whatIf';
import { RESIZES } from '../../shared/sources/resizing';
import { Passes } from '../explain/passes';
import { layoutAt } from '../explain/places';
import { classCount, predictedClass, predictionAt, readScores } from '../explain/score';
import { type Control, checkpoint } from '../run/control';
import { type InputReadOptions, loadInputs, takesPreprocessing } from '../session/modelInputs';
import type { Run } from '../session/runs';
import { predictionText } from './predictionText';
import { brightened, mirrored, prepared, shifted, type VariedLayout } from './variations';

type Params = Pick<WasItTheInputParams, 'inputs' | 'preprocessing' | 'labels' | 'output'> & InputReadOptions;

/** An input that is varied. */
interface Varied {
  /** Of the model input. */
  readonly index: number;
  readonly node: string;
  readonly layout: VariedLayout;
  readonly isImage: boolean;
  /** Whether the preprocessing was applied to it. */
  readonly isPrepared: boolean;
  /** Whether it was bytes, 0..255, before. */
  readonly isBytes: boolean;
  /** As the model received it, and before preprocessing. */
  readonly values: Float32Array;
  readonly raw: Float32Array;
}

/** One changed version of the varied inputs. */
interface Version {
  readonly kind: Variation['kind'];
  readonly what: string;
  /** The preprocessing that makes it, for one that can be chosen. */
  readonly preprocessing?: Preprocessing;
  readonly change: (input: Varied) => Float32Array;
}

/** Of the length of an axis; at least one position. */
const SHIFT_SHARE = 1 / 32;
/** Of the range of bytes, or of the values of an array. */
const BRIGHTNESS_SHARE = 0.1;
const COLOUR_CHANNELS = 3;

/**
 * Runs the model on versions of the input that should mean the same, and says which change its prediction: every preprocessing, every
 * way to resize an image, the mirrored, shifted, brightened and darkened image; of a signal the shifted one.
 * @throws Failure `not-applicable` for tables, tokens and text, which have no such versions; `no-such-target`, `cancelled`.
 */
export async function wasItTheInput(run: Run, params: Params, control: Control): Promise<WasItTheInput> {
  const { trace } = run;
  const { labels = [], output = 0, preprocessing } = params;
  const inputs = await variedInputs(run, params);
  const scores = await readScores(trace, output);
  const index = predictedClass(scores);
  const before = predictionAt(scores, index, labels);
  const scoreOf = ({ probability, logit }: Prediction): number => probability ?? logit;
  const quiet: Control = { isCancelled: () => control.isCancelled(), report: () => {} };
  const passes = new Passes({ trace, scores, score: NO_SCORE, control: quiet });
  const versions = inputs[0]?.isImage
    ? [...imageVersions(inputs, preprocessing), ...(await resizedVersions(run, params, inputs))]
    : signalVersions(inputs);
  const variations: Variation[] = [];
  for (const [i, { kind, what, change, preprocessing: made }] of versions.entries()) {
    await checkpoint(control, i / versions.length, `Running: ${what}`);
    const after = await passes.predicted(
      inputs.map(({ node }) => ({ node, output: 0 })),
      inputs.map(change),
    );
    const other = predictedClass(after);
    const value = scoreOf(predictionAt(after, index, labels));
    const prediction = predictionAt(after, other, labels);
    const difference = value - scoreOf(before);
    const choice = made && { preprocessing: made };
    variations.push({ kind, what, prediction, value, difference, isOther: other !== index, ...choice });
  }
  variations.sort(
    (a, b) => Number(b.isOther) - Number(a.isOther) || Math.abs(b.difference) - Math.abs(a.difference) || 0,
  );
  return {
    prediction: before,
    hasProbabilities: before.probability !== null,
    variations,
    passes: 1 + passes.forward,
    backend: trace.runtime.status.name,
    sentence: sentence(before, variations, classCount(scores)),
    notices: notVaried(run, inputs),
  };
}

/** Only predictions are read. */
const NO_SCORE = {
  stage: 'post' as const,
  value: () => 0,
  gradient: (units: Float32Array) => new Float32Array(units.length),
};

/** The images among the inputs; where there are none, the signals. */
async function variedInputs(
  run: Run,
  { inputs, preprocessing, preprocessArrays = false }: Params,
): Promise<Varied[]> {
  const { graph } = run.trace;
  const found = graph.inputs.map((node, i) => ({ i, node, layout: layoutOf(run, node, i) }));
  const raw = found.some(({ layout }) => layout !== null)
    ? await loadInputs(run.model, inputs, unscaled(preprocessing), {})
    : [];
  const varied = found.flatMap(({ i, node, layout }): Varied[] => {
    const [source, loaded, unprepared] = [inputs[i], run.inputs[i], raw[i]];
    if (layout === null || !source || !loaded || !unprepared) return [];
    const isBytes = takesPreprocessing(source) && loaded.image !== null;
    return [
      {
        index: i,
        node,
        layout,
        isImage: layout.spatial.length === 2,
        isPrepared: takesPreprocessing(source) || preprocessArrays,
        isBytes,
        values: loaded.values,
        raw: unprepared.values,
      },
    ];
  });
  const images = varied.filter(({ isImage }) => isImage);
  if (varied.length > 0) return images.length > 0 ? images : varied;
  return fail(
    'not-applicable',
    `${nameList(graph.inputs)} ${graph.inputs.length === 1 ? 'holds no image and no signal' : 'hold no images and no signals'}, and no such change leaves the meaning of a table, tokens or text as it is.`,
    { remedy: 'Ask what would change the prediction instead: that removes columns and tokens.' },
  );
}

function layoutOf(run: Run, node: string, index: number): VariedLayout | null {
  const value = run.trace.at(node).outputs[0];
  if (value?.dtype !== 'float32') return null;
  const [batch = 1, ...shape] = value.shape;
  // An image without an axis of channels.
  if (shape.length === 2 && run.inputs[index]?.image)
    return { spatial: shape, channels: 1, channelsFirst: false };
  const { spatial, channel } = layoutAt(run.trace, { node, output: 0 });
  if (channel === null || spatial.length === 0 || spatial.length > 2) return null;
  const positions = spatial.reduce((a, b) => a * b, 1);
  return { spatial, channels: value.size / batch / positions, channelsFirst: channel === 0 };
}

const shiftOf = (size: number): number => Math.max(1, Math.round(size * SHIFT_SHARE));

function imageVersions(inputs: readonly Varied[], preprocessing: Params['preprocessing']): Version[] {
  const used = inputs.some(({ isPrepared }) => isPrepared) ? preprocessing.name : 'none';
  const isColour = inputs.every(({ layout }) => layout.channels === COLOUR_CHANNELS);
  const others = PREPROCESSINGS.filter(
    ({ name }) => name !== used && name !== 'custom' && (isColour || (name !== 'caffe' && name !== 'torch')),
  );
  const [height = 1, width = 1] = inputs[0]?.layout.spatial ?? [];
  const shift = (axis: number, by: number, where: string): Version => ({
    kind: 'shifted',
    what: `shifted ${Math.abs(by)} pixel${Math.abs(by) === 1 ? '' : 's'} ${where}`,
    change: ({ values, layout }) => shifted(values, layout, axis, by),
  });
  const brightness = (share: number, what: string): Version => ({
    kind: 'brightness',
    what: `${Math.abs(share) * 100} % ${what}`,
    change: ({ values, layout, isBytes }) =>
      brightened(values, layout, isBytes ? preprocessing : null, share),
  });
  return [
    ...others.map(
      ({ name }): Version => ({
        kind: 'preprocessing',
        what: `preprocessing ${name}`,
        ...(inputs.some(({ isPrepared }) => isPrepared) && {
          preprocessing: { ...unscaled(preprocessing), name },
        }),
        change: ({ raw, layout }) => prepared(raw, layout, { name }),
      }),
    ),
    { kind: 'mirrored', what: 'mirrored', change: ({ values, layout }) => mirrored(values, layout) },
    shift(1, shiftOf(width), 'to the right'),
    shift(1, -shiftOf(width), 'to the left'),
    shift(0, shiftOf(height), 'down'),
    shift(0, -shiftOf(height), 'up'),
    brightness(BRIGHTNESS_SHARE, 'brighter'),
    brightness(-BRIGHTNESS_SHARE, 'darker'),
  ];
}

/** The image files among the inputs, resized in each other way; none where they have the model's size. */
async function resizedVersions(
  { model }: Run,
  { inputs, preprocessing, preprocessArrays = false }: Params,
  varied: readonly Varied[],
): Promise<Version[]> {
  const { resize: used = RESIZES[0] } = preprocessing;
  const versions: Version[] = [];
  for (const resize of RESIZES) {
    if (resize === used) continue;
    const other = { ...preprocessing, resize };
    const loaded = await loadInputs(model, inputs, other, { preprocessArrays });
    const valuesOf = ({ index, values }: Varied): Float32Array => loaded[index]?.values ?? values;
    const isSame = varied.every((one) => valuesOf(one).every((value, at) => value === one.values[at]));
    if (isSame) continue;
    versions.push({ kind: 'resizing', what: `resizing ${resize}`, preprocessing: other, change: valuesOf });
  }
  return versions;
}

function signalVersions(inputs: readonly Varied[]): Version[] {
  const by = shiftOf(inputs[0]?.layout.spatial[0] ?? 1);
  return [by, -by].map((steps) => ({
    kind: 'shifted',
    what: `shifted ${by} position${by === 1 ? '' : 's'} ${steps > 0 ? 'later' : 'earlier'}`,
    change: ({ values, layout }) => shifted(values, layout, 0, steps),
  }));
}

function sentence(before: Prediction, variations: readonly Variation[], classes: number): string {
  const others = variations.filter(({ isOther }) => isOther);
  const count = `${variations.length} versions of the input`;
  if (classes < 2) {
    const largest = Math.max(...variations.map(({ difference }) => Math.abs(difference)));
    return `The value ${numberText(before.logit)} moves by at most ${numberText(largest)} over ${count}.`;
  }
  return others.length === 0
    ? `All ${count} are predicted as ${predictionText(before)}.`
    : `${others.length} of ${count} ${others.length === 1 ? 'gives' : 'give'} another prediction than ${predictionText(before)}.`;
}

function notVaried({ trace: { graph } }: Run, inputs: readonly Varied[]): string[] {
  const varied = new Set(inputs.map(({ node }) => node));
  const kept = graph.inputs.filter((node) => !varied.has(node));
  return [
    ...(kept.length > 0 ? [`${nameList(kept)} ${kept.length === 1 ? 'stays' : 'stay'} as given.`] : []),
    ...(inputs[0]?.isImage
      ? []
      : ['A signal is only shifted: mirrored, or with another preprocessing, it would mean something else.']),
  ];
}

const nameList = (names: readonly string[]): string =>
  `Input${names.length === 1 ? '' : 's'} ${names.map((name) => `"${name}"`).join(', ')}`;
