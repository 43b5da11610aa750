import { dirname, join } from 'node:path';
import { METHOD_IDS, type MethodId, methodAtLayer } from '../../src/shared/methods';
import type {
  ExplainParams,
  OpenedModel,
  RequestType,
  RunParams,
  TensorSliceParams,
} from '../../src/shared/protocol';
import * as protocol from '../../src/shared/protocol';
import {
  fewPasses,
  randomIndex,
  randomLayer,
  randomOptions,
  randomRun,
  randomTarget,
  runsOften,
} from './choices';
import type { Random } from './random';

/** A request to the server. */
export interface Question {
  readonly name: string;
  readonly method: string;
  readonly params: object;
  /** How many times as long as others the request may take. */
  readonly patience: number;
}

/** A request that runs the model many times may take longer, as it says. */
const MANY_PASSES = 6;

export const question = <Params extends object, Value>(
  name: string,
  { method }: RequestType<Params, Value>,
  params: Params,
  patience = 1,
): Question => ({ name, method, params, patience });

export const explainQuestion = (params: ExplainParams, name = 'explain'): Question =>
  question(name, protocol.explain, params, passesOf(params.method));

const passesOf = (method: MethodId): number => (runsOften(method) ? MANY_PASSES : 1);

/** By any of `methods`, in two thirds of the cases as a page asks first, else with targets, options and inputs of any kind. */
export function mainQuestion(
  opened: OpenedModel,
  run: RunParams,
  methods: readonly MethodId[],
  random: Random,
  optionFiles: () => readonly string[],
): ExplainParams {
  const method = random.pick(methods);
  const layer = random.chance(0.7) ? 'auto' : randomLayer(random, opened.summary);
  const plain = { ...run, method, target: { index: 'auto' } as const, options: fewPasses(method), layer };
  return random.chance(0.65) ? plain : odd(plain, opened, random, optionFiles);
}

/** An explanation with some choices that few users make. */
function odd(
  plain: ExplainParams,
  { summary }: OpenedModel,
  random: Random,
  optionFiles: () => readonly string[],
): ExplainParams {
  const { method } = plain;
  const run = random.chance(0.15) ? randomRun(plain, random) : plain;
  const layers = (): string[] =>
    Array.from({ length: random.pick([0, 1, 2, 3, 64]) }, () => randomLayer(random, summary));
  const display = random.pick(['positive', 'signed', 'absolute'] as const);
  return {
    ...run,
    ...(random.chance(0.6) ? { target: randomTarget(random, summary) } : {}),
    ...(random.chance(0.6)
      ? { options: randomOptions(method, random, random.chance(0.3) ? optionFiles() : []) }
      : {}),
    ...(random.chance(0.25) ? { fusedLayers: layers() } : {}),
    ...(random.chance(0.2) ? { display } : {}),
    ...(random.chance(0.1) ? { labels: random.pick([[], ['cat'], ['', '\u202e', 'a'.repeat(5000)]]) } : {}),
    ...(random.chance(0.05) ? { knownInput: 'x' } : {}),
  };
}

/** Of a model that was run: what a page asks after the explanation, each in some of the cases. */
export function furtherQuestions(
  opened: OpenedModel,
  explain: ExplainParams,
  path: string,
  random: Random,
  optionFiles: () => readonly string[],
): Question[] {
  const { inputs, preprocessing, modelId, method } = explain;
  const { summary } = opened;
  const run: RunParams = { modelId, inputs, preprocessing };
  const layer = randomLayer(random, summary);
  const other = (): ExplainParams => odd(explain, opened, random, optionFiles);
  const either = (): ExplainParams => (random.chance(0.5) ? explain : other());
  const questions: (readonly [number, () => Question])[] = [
    [0.15, () => question('trace', protocol.trace, { ...run, layer, ...randomTrace(random) })],
    [0.1, () => question('openUnit', protocol.openUnit, { ...run, layer, ...randomUnit(random) })],
    [
      0.1,
      () =>
        question('layerQuantities', protocol.layerQuantities, {
          ...{ ...run, layer: random.chance(0.5) ? explain.layer : layer, colourMap: 'viridis' },
          target: random.chance(0.5) ? explain.target : randomTarget(random, summary),
        }),
    ],
    [0.02, () => question('inputValues', protocol.inputValues, { ...run, input: 0 })],
    [0.1, () => question('health', protocol.health, run)],
    [0.1, () => question('doctor', protocol.doctor, run)],
    // What a comparison asks: another target, method or layer of the same input.
    [
      0.05,
      () => {
        const compared = random.chance(0.5) ? method : methodAtLayer(random.pick(METHOD_IDS));
        const options = compared === method ? explain.options : fewPasses(compared);
        const target = randomTarget(random, summary);
        return explainQuestion(
          { ...explain, method: compared, options, target, layer },
          'explain (compared)',
        );
      },
    ],
    [
      0.03,
      () =>
        question(
          'wasItTheInput',
          protocol.wasItTheInput,
          {
            ...(random.chance(0.8) ? run : randomRun(run, random)),
            ...(random.chance(0.2) ? { output: random.below(3) } : {}),
          },
          MANY_PASSES,
        ),
    ],
    [0.03, () => question('whatWouldChange', protocol.whatWouldChange, either(), MANY_PASSES)],
    [0.004, () => question('trust', protocol.trust, either(), MANY_PASSES)],
    [
      0.01,
      () => {
        const files = { folder: join(dirname(path), 'set'), colourMap: 'viridis', opacity: 0.5 } as const;
        const overwrite = random.chance(0.5);
        return question('exportSet', protocol.exportSet, { ...either(), ...files, overwrite }, MANY_PASSES);
      },
    ],
    [
      0.05,
      () =>
        question('channelTiles', protocol.channelTiles, {
          ...{ ...run, layer, stage: random.pick(STAGES), side: 1 + random.below(64) },
          ...{ slice: randomIndex(random), channels: [0, randomIndex(random)] },
        }),
    ],
    [
      0.05,
      () =>
        question('tensorSlice', protocol.tensorSlice, {
          ...{
            ...run,
            layer,
            stage: random.pick(STAGES),
            row: randomIndex(random),
            rows: randomIndex(random),
          },
          ...{ column: randomIndex(random), columns: randomIndex(random) },
          ...(random.chance(0.7) ? { axes: randomAxes(random) } : {}),
        }),
    ],
    [
      0.02,
      () =>
        question('exportTensor', protocol.exportTensor, {
          ...{ ...run, layer, stage: random.pick(STAGES), format: random.pick(['npy', 'csv'] as const) },
          ...(random.chance(0.7) ? { axes: randomAxes(random) } : {}),
          path: join(dirname(path), 'values'),
        }),
    ],
    [
      0.05,
      () =>
        question('channels', protocol.channels, {
          ...{ ...run, layer, stage: random.pick(STAGES), attribution: random.chance(0.3) },
        }),
    ],
    [
      0.05,
      () =>
        question('channelMap', protocol.channelMap, {
          ...{ ...run, layer, stage: random.pick(STAGES), source: random.chance(0.5) },
          ...{ channel: randomIndex(random), slice: randomIndex(random) },
        }),
    ],
  ];
  return questions.flatMap(([share, make]) => (random.chance(share) ? [make()] : []));
}

const randomAxes = (random: Random): NonNullable<TensorSliceParams['axes']> => ({
  rowAxis: random.pick([null, 0, 1, 2, randomIndex(random)]),
  columnAxis: random.pick([null, 0, 1, 3, randomIndex(random)]),
  at: Array.from({ length: random.below(6) }, () => randomIndex(random)),
});

const STAGES = ['pre', 'post', 'attention'] as const;

const randomTrace = (random: Random): object => ({
  ...(random.chance(0.7) ? { unit: randomIndex(random) } : {}),
  ...(random.chance(0.4) ? { check: random.pick([0, 1, -0.5, 1e-40, 1e308]) } : {}),
  ...(random.chance(0.5) ? { arithmetic: true } : {}),
});

const randomUnit = (random: Random): object => ({
  ...(random.chance(0.7) ? { unit: randomIndex(random) } : {}),
  ...(random.chance(0.3) ? { position: random.pick([[], [0], [0, 0], [1, 2], [0, 0, 0]]) } : {}),
  ...(random.chance(0.1) ? { output: random.below(3) } : {}),
});

/** Everything that can be asked of a model: of each layer, by each method, of targets of each kind, what takes longest last. */
export function* everyQuestion(
  { modelId, summary, defaultPreprocessing: preprocessing }: OpenedModel,
  inputs: RunParams['inputs'],
  folder: string,
  optionFiles: readonly string[],
): Generator<Question> {
  const run: RunParams = { modelId, inputs, preprocessing };
  const auto = { index: 'auto' } as const;
  const layers = ['auto', ...summary.layers.map(({ path }) => path)];
  const explain = (method: MethodId, layer: string): ExplainParams => ({
    ...{ ...run, method, layer, target: auto, options: fewPasses(method) },
  });
  for (const layer of layers) {
    for (const method of METHOD_IDS)
      yield explainQuestion(explain(method, layer), `explain ${layer} by ${method}`);
    yield question(`layerValues ${layer}`, protocol.layerValues, { ...run, layer });
    for (const stage of STAGES) {
      const at = { ...run, layer, stage };
      yield question(`channels ${layer}`, protocol.channels, { ...at, attribution: true });
      yield question(`channelTiles ${layer}`, protocol.channelTiles, {
        ...{ ...at, slice: 0, channels: [0, 1, 2, 3], side: 64 },
      });
      yield question(`channelMap ${layer}`, protocol.channelMap, {
        ...{ ...at, channel: 0, slice: 0, source: true },
      });
    }
    for (const unit of [{}, { unit: 0, check: 0.5, arithmetic: true }])
      yield question(`trace ${layer}`, protocol.trace, { ...run, layer, ...unit });
    for (const unit of [{}, { unit: 0 }])
      yield question(`openUnit ${layer}`, protocol.openUnit, { ...run, layer, ...unit });
    yield question(`layerQuantities ${layer}`, protocol.layerQuantities, {
      ...{ ...run, layer, target: auto, colourMap: 'viridis' },
    });
    const fused = { ...explain('grad-cam', layer), fusedLayers: layers.slice(1, 4) };
    yield explainQuestion(fused, `explain ${layer} and others`);
    const unit = { ...explain('saliency', 'auto'), target: { index: 0, unit: layer } };
    yield explainQuestion(unit, `explain a unit of ${layer}`);
  }
  const targets = [
    ...[
      { ...auto, versus: 'look-alikes' as const },
      { index: 0, versus: 1 },
      { ...auto, negative: true },
    ],
    ...(['logit', 'probability', 'log-odds'] as const).map((score) => ({ ...auto, score })),
    ...[
      { ...auto, step: 0 },
      { ...auto, region: [0, 0, 2, 2] as const },
      { index: 0, output: 1 },
    ],
  ];
  for (const method of ['grad-cam', 'saliency', 'occlusion'] as const)
    for (const target of targets)
      yield explainQuestion(
        { ...explain(method, 'auto'), target },
        `explain ${JSON.stringify(target)} by ${method}`,
      );
  for (const file of optionFiles) {
    for (const method of ['feature-ablation', 'kernel-shap'] as const) {
      const options = { ...fewPasses(method), groups: file };
      yield explainQuestion({ ...explain(method, 'auto'), options }, `explain by ${method}, groups ${file}`);
    }
    for (const method of ['expected-gradients', 'deep-lift', 'occlusion'] as const) {
      const options = { ...fewPasses(method), baseline: file };
      yield explainQuestion(
        { ...explain(method, 'auto'), options },
        `explain by ${method}, baseline ${file}`,
      );
    }
  }
  yield question('health', protocol.health, run);
  yield question('doctor', protocol.doctor, run);
  yield question('wasItTheInput', protocol.wasItTheInput, run, MANY_PASSES);
  for (const method of ['grad-cam', 'saliency'] as const) {
    const asked = explain(method, 'auto');
    yield question('whatWouldChange', protocol.whatWouldChange, asked, MANY_PASSES);
    const files = {
      folder: join(folder, 'set'),
      overwrite: true,
      colourMap: 'viridis',
      opacity: 0.5,
    } as const;
    yield question(`exportSet by ${method}`, protocol.exportSet, { ...asked, ...files }, MANY_PASSES);
    yield question(`trust in ${method}`, protocol.trust, asked, MANY_PASSES);
  }
}
