import { Command } from 'commander';
import { wasItTheInput } from '../server/answers/wasItTheInput';
import { nearOne } from '../server/explain/sentence';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import { readSidecar } from '../server/session/sidecar';
import type { InputSource, Preprocessing } from '../shared/inputs';
import { numberText } from '../shared/numberText';
import type { Variation, WasItTheInput } from '../shared/results/whatIf';
import { visible } from '../shared/text';
import {
  backendOption,
  costlyOption,
  customLayersOption,
  inputOption,
  jsonOption,
  modelArgument,
  preprocessOption,
} from './options';
import { printJson, printLines } from './output';
import type { ComputeOptions, OpenSession } from './session';
import { outputOption } from './target';

interface VaryOptions extends ComputeOptions {
  readonly input: readonly InputSource[];
  readonly output?: number;
  readonly preprocess?: Preprocessing;
  readonly costly?: boolean;
  readonly json?: boolean;
}

export function varyCommand(openSession: OpenSession): Command {
  return new Command('vary')
    .description(
      'Was it the input: which preprocessing, and which small change of an image or a signal, gives another prediction.',
    )
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(outputOption())
    .addOption(preprocessOption())
    .addOption(backendOption())
    .addOption(customLayersOption())
    .addOption(costlyOption())
    .addOption(jsonOption())
    .action((model: string, options: VaryOptions) => vary(openSession(options), model, options));
}

async function vary(session: Session, model: string, options: VaryOptions): Promise<void> {
  const opened = await session.open(model);
  const settings = readSidecar(opened.path);
  const preprocessing = options.preprocess ?? settings?.preprocessing ?? opened.defaultPreprocessing;
  const preprocessArrays = options.preprocess !== undefined;
  await session.run(
    opened.id,
    options.input,
    preprocessing,
    NO_CONTROL,
    async (run) => {
      const question = {
        inputs: options.input,
        preprocessing,
        preprocessArrays,
        labels: settings?.labels ?? [],
        ...(options.output !== undefined && { output: options.output }),
      };
      const answer = await wasItTheInput(run, question, NO_CONTROL);
      if (options.json) printJson(answer);
      else printLines(lines(answer));
    },
    { preprocessArrays, insist: options.costly ?? false },
  );
  session.close(opened.id);
}

function lines({
  sentence,
  notices,
  variations,
  passes,
  backend,
  hasProbabilities,
}: WasItTheInput): string[] {
  return [
    visible(sentence),
    ...notices.map((notice) => visible(`Note: ${notice}`)),
    ...variations.map((variation) => line(variation, hasProbabilities)),
    `${backend}, ${passes} passes`,
  ];
}

function line(
  { what, isOther, prediction: { index, label }, value, difference }: Variation,
  hasProbabilities: boolean,
): string {
  const number = hasProbabilities ? `p ${nearOne(value)}` : `value ${numberText(value)}`;
  const change = `${difference < 0 ? '' : '+'}${numberText(difference, 2)}`;
  const other = isOther ? `  now class ${index}${label === null ? '' : ` (${visible(label)})`}` : '';
  return `  ${what.padEnd(30)}  ${number.padEnd(12)}  ${change.padEnd(10)}${other}`.trimEnd();
}
