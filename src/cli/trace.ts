import { Command, InvalidArgumentError, Option } from 'commander';
import { traceRun } from '../server/answers/tracing';
import { writeNpy } from '../server/inputs/arrays/npy';
import { writeAllOrNone } from '../server/io/writeFile';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import { fail } from '../shared/errors';
import { traceDocument } from '../shared/results/tracing';
import { visible } from '../shared/text';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import type { OpenSession } from './session';
import { answerLines } from './traceText';

interface TraceOptions extends ModelRunOptions {
  readonly layer: string;
  readonly unit?: number;
  readonly check?: number;
  readonly arithmetic?: boolean;
  readonly effective?: string;
}

export function traceCommand(openSession: OpenSession): Command {
  const command = new Command('trace')
    .description('Follow the values of a layer back to the input: positions, windows and contributions.')
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption())
    .requiredOption('--layer <path>', 'the pooling or convolution whose units are followed')
    .addOption(new Option('--unit <index>', 'one unit (channel); all if left out').argParser(index))
    .addOption(
      new Option(
        '--check <number>',
        'compare a number computed by hand for the unit with the results of the usual mistakes',
      ).argParser(number),
    )
    .option(
      '--arithmetic',
      'show window x kernel, bias and activation of the unit, with the numbers in place',
    )
    .option(
      '--effective <file.npy>',
      'write the effective receptive field of the unit: the size of its gradient at each position of the input',
    );
  return addRunOptions(command).action((model: string, options: TraceOptions) =>
    trace(openSession(options), model, options),
  );
}

function index(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Give the index of a unit, from 0.');
  return Number(value);
}

function number(value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new InvalidArgumentError('Give a number.');
  return parsed;
}

async function trace(session: Session, model: string, options: TraceOptions): Promise<void> {
  const { unit, check, arithmetic, effective } = options;
  const [ofUnit] = [
    ...(arithmetic ? ['--arithmetic'] : []),
    ...(effective === undefined ? [] : ['--effective']),
    ...(check === undefined ? [] : ['--check']),
  ];
  if (unit === undefined && ofUnit !== undefined) {
    fail('bad-input', `${ofUnit} is about one unit.`, {
      remedy: 'Add --unit with the index of the unit.',
    });
  }
  await runModel(session, model, options, async (run, { preprocessing }) => {
    const asked = { unit, check, arithmetic, layer: options.layer, effective: effective !== undefined };
    const answer = await traceRun(run, { inputs: options.input, preprocessing, ...asked }, NO_CONTROL);
    const field = answer.effective;
    if (effective !== undefined && field !== null)
      writeAllOrNone((add) => add(effective, writeNpy(field.values, field.shape)));
    if (options.json) printJson(traceDocument(answer));
    else printLines([...answerLines(answer), ...(field === null ? [] : [visible(`Wrote ${effective}`)])]);
  });
}
