import { InvalidArgumentError, Option } from 'commander';
import type { TargetChoice } from '../shared/explanation';
import { classIndex } from '../shared/labels/classIndex';

/** What `explain` explains, as given on the command line. */
export interface TargetOptions {
  readonly target: string;
  readonly versus?: string;
  readonly negative?: boolean;
  readonly score?: 'logit' | 'probability' | 'log-odds';
  readonly output?: number;
  readonly unit?: { readonly layer: string; readonly index: number };
  readonly step?: number;
  readonly region?: readonly [number, number, number, number];
}

export const outputOption = (): Option =>
  new Option('--output <index>', 'which output of the model; default: 0').argParser(wholeNumber);

export const targetOptions = (): Option[] => [
  new Option('--target <class>', 'the class by index or name, or auto for the predicted one').default('auto'),
  new Option(
    '--versus <class>',
    'why the target rather than this class, by index or name, or look-alikes for the next three',
  ),
  new Option('--negative', 'explain the evidence against the class; for a single sigmoid: class 0'),
  new Option(
    '--score <score>',
    'the value to explain: before the output’s activation, after it, or the logarithm of the odds; default: logit, or probability for methods that compare scores of a single sigmoid',
  ).choices(['logit', 'probability', 'log-odds']),
  outputOption(),
  new Option(
    '--unit <layer:index>',
    'a unit or channel of any layer instead of a class; of a layer with positions their mean',
  ).argParser(unit),
  new Option('--step <index>', 'the time step of an output over time').argParser(wholeNumber),
  new Option('--region <x0,y0,x1,y1>', 'the pixels of an output with height and width').argParser(region),
];

/** @param labels class names of the model. @throws Failure `no-such-target` for an unknown name. */
export function targetChoice(options: TargetOptions, labels: readonly string[]): TargetChoice {
  const { unit: layerUnit, versus, output, step, region: rectangle } = options;
  return {
    index: layerUnit?.index ?? (options.target === 'auto' ? 'auto' : classIndex(options.target, labels)),
    negative: options.negative ?? false,
    ...(options.score && { score: options.score }),
    ...(versus !== undefined && {
      versus: versus === 'look-alikes' ? versus : classIndex(versus, labels),
    }),
    ...(output !== undefined && { output }),
    ...(layerUnit && { unit: layerUnit.layer }),
    ...(step !== undefined && { step }),
    ...(rectangle && { region: rectangle }),
  };
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(value);
}

function unit(value: string): { layer: string; index: number } {
  const [, layer, index] = /^(.+):(\d+)$/s.exec(value) ?? [];
  if (layer === undefined) throw new InvalidArgumentError('Give it as layer:index, such as conv1:3.');
  return { layer, index: Number(index) };
}

function region(value: string): [number, number, number, number] {
  const [x0, y0, x1, y1, ...more] = value.split(',').map(wholeNumber);
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined || more.length > 0)
    throw new InvalidArgumentError('Give four numbers: x0,y0,x1,y1.');
  return [x0, y0, x1, y1];
}
