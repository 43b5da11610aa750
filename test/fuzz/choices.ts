import type { TargetChoice } from '../../src/shared/explanation';
import type { Preprocessing } from '../../src/shared/inputs';
import { METHODS, type MethodId, type MethodOption, type OptionValues } from '../../src/shared/methods';
import type { ModelSummary } from '../../src/shared/model';
import type { RunParams } from '../../src/shared/protocol';
import type { Random } from './random';

/** What a request may choose beside the model: what fits it most of the time, and what does not. */

/** With these a method that runs the model many times does so as few times as it can. */
const FEW_PASSES: OptionValues = { samples: 20, stride: 65_536, segments: 4, groups: 'grid' };
/** Options by which the number of passes grows: never much more of them. */
const PASSES: Readonly<Record<string, readonly number[]>> = {
  samples: [20, 21, 40],
  steps: [1, 2, 3, 50],
  stride: [65_536, 7, 0],
  segments: [1, 2, 4, 9],
};
/** Wrong everywhere. */
const WRONG: readonly (number | string)[] = [-1, 1e9, 0.5, 1e308, 'NaN', '', '1', 'x', '/dev/zero', 'x.npy'];
const INDICES = [0, 1, 2, 3, 7, 255, 65_536, 1e9, 2 ** 53 - 2];

/** Of methods that draw samples, follow a path or try parts of the input. */
export const runsOften = (method: MethodId): boolean =>
  METHODS[method].group === 'Perturbation' ||
  METHODS[method].options.some(({ name }) => name === 'samples' || name === 'steps');

export const fewPasses = (method: MethodId): OptionValues =>
  Object.fromEntries(
    Object.entries(FEW_PASSES).filter(([name]) =>
      METHODS[method].options.some((option) => option.name === name),
    ),
  );

/** @param files .npy files that an option may name. */
export function randomOptions(method: MethodId, random: Random, files: readonly string[]): OptionValues {
  const options: Record<string, number | string> = { ...fewPasses(method) };
  for (const option of METHODS[method].options) {
    if (random.chance(0.5)) options[option.name] = optionValue(option, random, files);
  }
  if (random.chance(0.02)) options[random.pick(['samples', 'baseline', 'no-option'])] = random.pick(WRONG);
  return options;
}

function optionValue(option: MethodOption, random: Random, files: readonly string[]): number | string {
  if (random.chance(0.1)) return random.pick(WRONG);
  const passes = PASSES[option.name];
  if (passes) return random.pick(passes);
  if (option.type === 'choice') {
    const indices = option.maxIndex === undefined ? [] : [0, 1, 3, option.maxIndex];
    const named = option.file === true ? [...files, ...files] : [];
    return random.pick([...option.choices, ...named, ...indices]);
  }
  const values = [option.min, option.max, option.default, Math.min(option.max, option.min + 1)];
  return random.pick(values);
}

/** Of classes, units, steps and regions that may not exist. */
export function randomTarget(random: Random, { layers, outputs }: ModelSummary): TargetChoice {
  const index = random.pick(['auto', 'auto', 0, 1, 2, -1, 999, 2 ** 31] as const);
  const size = (): number => random.pick([0, 1, 2, 3, 5, 64, 1e6]);
  const parts: Partial<TargetChoice>[] = [
    random.chance(0.2) ? { negative: true } : {},
    random.chance(0.4) ? { score: random.pick(['logit', 'probability', 'log-odds'] as const) } : {},
    random.chance(0.1) ? { output: random.below(outputs.length + 1) } : {},
    random.chance(0.2) ? { versus: random.pick(['look-alikes', 'look-alikes', 0, 1, 7, 1e9] as const) } : {},
    random.chance(0.2) ? { unit: randomLayer(random, { layers }) } : {},
    random.chance(0.15) ? { step: random.pick(INDICES) } : {},
    random.chance(0.15) ? { region: [size(), size(), size(), size()] } : {},
  ];
  return Object.assign({ index }, ...parts);
}

/** Another preprocessing, other samples and members of the inputs, too many or too few of these. */
export function randomRun<Run extends RunParams>(run: Run, random: Random): Run {
  const inputs = run.inputs.map((source) => {
    if (!random.chance(0.3)) return source;
    if (source.kind === 'random') return { ...source, seed: random.pick([0, -1, 0.5, 1e300]) };
    return random.chance(0.5)
      ? { ...source, sample: random.pick(INDICES) }
      : { ...source, member: random.pick(['', 'x', '0', '1', '2', 'input.0', '__proto__']) };
  });
  const count = inputs.length + random.pick([0, 0, 0, 0, 0, 0, 0, 0, 1, -1]);
  if (count > inputs.length) inputs.push({ kind: 'random', seed: 1 });
  return { ...run, inputs: inputs.slice(0, Math.max(0, count)), preprocessing: randomPreprocessing(random) };
}

function randomPreprocessing(random: Random): Preprocessing {
  const name = random.pick(['none', '0..1', '-1..1', 'caffe', 'torch', 'custom'] as const);
  if (name !== 'custom') return { name };
  const numbers = (): number[] =>
    Array.from({ length: random.pick([0, 1, 1, 3, 3, 4, 4096]) }, () => random.pick([0, 1, -1, 128, 1e38]));
  return {
    name,
    ...(random.chance(0.7) ? { mean: numbers() } : {}),
    ...(random.chance(0.7) ? { scale: numbers() } : {}),
  };
}

/** Of an existing layer, most of the time; of one that is not there. */
export function randomLayer(random: Random, { layers }: Pick<ModelSummary, 'layers'>): string {
  return layers.length === 0 || random.chance(0.02) ? 'none' : random.pick(layers).path;
}

export const randomIndex = (random: Random): number => random.pick(INDICES);
