import * as l10n from '@vscode/l10n';
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
    await checkpoint(control, i / versions.length, l10n.t('Running: {0}', what));
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
    graph.inputs.length === 1
      ? l10n.t(
          'Input {0} holds no image and no signal, and no such change leaves the meaning of a table, tokens or text as it is.',
          nameList(graph.inputs),
        )
      : l10n.t(
          'Inputs {0} hold no images and no signals, and no such change leaves the meaning of a table, tokens or text as it is.',
          nameList(graph.inputs),
        ),
    { remedy: l10n.t('Ask what would change the prediction instead: that removes columns and tokens.') },
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
  const shift = (axis: number, by: number, what: string): Version => ({
    kind: 'shifted',
    what,
    change: ({ values, layout }) => shifted(values, layout, axis, by),
  });
  const brightness = (share: number, what: string): Version => ({
    kind: 'brightness',
    what: what,
    change: ({ values, layout, isBytes }) =>
      brightened(values, layout, isBytes ? preprocessing : null, share),
  });
  return [
    ...others.map(
      ({ name }): Version => ({
        kind: 'preprocessing',
        what: l10n.t('preprocessing {0}', name),
        ...(inputs.some(({ isPrepared }) => isPrepared) && {
          preprocessing: { ...unscaled(preprocessing), name },
        }),
        change: ({ raw, layout }) => prepared(raw, layout, { name }),
      }),
    ),
    { kind: 'mirrored', what: l10n.t('mirrored'), change: ({ values, layout }) => mirrored(values, layout) },
    shift(1, shiftOf(width), l10n.t('shifted to the right ({0} px)', shiftOf(width))),
    shift(1, -shiftOf(width), l10n.t('shifted to the left ({0} px)', shiftOf(width))),
    shift(0, shiftOf(height), l10n.t('shifted down ({0} px)', shiftOf(height))),
    shift(0, -shiftOf(height), l10n.t('shifted up ({0} px)', shiftOf(height))),
    brightness(BRIGHTNESS_SHARE, l10n.t('{0} % brighter', 100 * BRIGHTNESS_SHARE)),
    brightness(-BRIGHTNESS_SHARE, l10n.t('{0} % darker', 100 * BRIGHTNESS_SHARE)),
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
    versions.push({
      kind: 'resizing',
      what: l10n.t('resizing {0}', resize),
      preprocessing: other,
      change: valuesOf,
    });
  }
  return versions;
}

function signalVersions(inputs: readonly Varied[]): Version[] {
  const by = shiftOf(inputs[0]?.layout.spatial[0] ?? 1);
  return [by, -by].map((steps) => ({
    kind: 'shifted',
    what: steps > 0 ? l10n.t('shifted later ({0})', by) : l10n.t('shifted earlier ({0})', by),
    change: ({ values, layout }) => shifted(values, layout, 0, steps),
  }));
}

function sentence(before: Prediction, variations: readonly Variation[], classes: number): string {
  const others = variations.filter(({ isOther }) => isOther);
  const count = variations.length;
  if (classes < 2) {
    const largest = Math.max(...variations.map(({ difference }) => Math.abs(difference)));
    return l10n.t(
      'The value {0} moves by at most {1} over {2} versions of the input.',
      ...[numberText(before.logit), numberText(largest), count],
    );
  }
  return others.length === 0
    ? l10n.t('All {0} versions of the input are predicted as {1}.', count, predictionText(before))
    : others.length === 1
      ? l10n.t(
          '1 of {0} versions of the input gives another prediction than {1}.',
          ...[count, predictionText(before)],
        )
      : l10n.t(
          '{0} of {1} versions of the input give another prediction than {2}.',
          ...[others.length, count, predictionText(before)],
        );
}

function notVaried({ trace: { graph } }: Run, inputs: readonly Varied[]): string[] {
  const varied = new Set(inputs.map(({ node }) => node));
  const kept = graph.inputs.filter((node) => !varied.has(node));
  return [
    ...(kept.length > 0
      ? [
          kept.length === 1
            ? l10n.t('Input {0} stays as given.', nameList(kept))
            : l10n.t('Inputs {0} stay as given.', nameList(kept)),
        ]
      : []),
    ...(inputs[0]?.isImage
      ? []
      : [
          l10n.t(
            'A signal is only shifted: mirrored, or with another preprocessing, it would mean something else.',
          ),
        ]),
  ];
}

const nameList = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
