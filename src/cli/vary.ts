import { Command } from 'commander';
import { wasItTheInput } from '../server/answers/wasItTheInput';
import { nearOne } from '../server/explain/sentence';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import { numberText } from '../shared/numberText';
import type { Variation, WasItTheInput } from '../shared/results/whatIf';
import { visible } from '../shared/text';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import type { OpenSession } from './session';
import { outputOption } from './target';

interface VaryOptions extends ModelRunOptions {
  readonly output?: number;
}

export function varyCommand(openSession: OpenSession): Command {
  const command = new Command('vary')
    .description(
      'Was it the input: which preprocessing, and which small change of an image or a signal, gives another prediction.',
    )
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(outputOption());
  return addRunOptions(command).action((model: string, options: VaryOptions) =>
    vary(openSession(options), model, options),
  );
}

async function vary(session: Session, model: string, options: VaryOptions): Promise<void> {
  await runModel(session, model, options, async (run, { preprocessing, labels, notices }) => {
    const question = {
      inputs: options.input,
      preprocessing,
      preprocessArrays: options.preprocess !== undefined,
      labels,
      ...(options.output !== undefined && { output: options.output }),
    };
    const found = await wasItTheInput(run, question, NO_CONTROL);
    const answer = { ...found, notices: [...found.notices, ...notices] };
    if (options.json) printJson(answer);
    else printLines(lines(answer));
  });
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
