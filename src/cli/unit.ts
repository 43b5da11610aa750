import { Command, InvalidArgumentError, Option } from 'commander';
import type { Session } from '../server/session/session';
import { openUnit } from '../server/tracing/unit/openUnit';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { editOption, inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import type { OpenSession } from './session';
import { unitLines } from './unitText';

interface UnitOptions extends ModelRunOptions {
  readonly layer: string;
  readonly unit?: number;
  readonly position?: readonly number[];
}

export function unitCommand(openSession: OpenSession): Command {
  const command = new Command('unit')
    .description('Take one value of a layer apart: the terms of its sum, bias and activation, largest first.')
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(editOption())
    .requiredOption('--layer <path>', 'the layer')
    .addOption(
      new Option(
        '--unit <index>',
        'the unit (channel); the one with the largest value if left out',
      ).argParser(index),
    )
    .addOption(
      new Option(
        '--position <indices>',
        'the position, as 3,4; the step of a recurrent layer; that of the largest value if left out',
      ).argParser((value: string) => value.split(',').map((part) => index(part.trim()))),
    );
  return addRunOptions(command).action((model: string, options: UnitOptions) =>
    unit(openSession(options), model, options),
  );
}

function index(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('Give whole numbers from 0.');
  return Number(value);
}

async function unit(session: Session, model: string, options: UnitOptions): Promise<void> {
  const { layer, position } = options;
  await runModel(session, model, options, async (run) => {
    const opened = await openUnit(run.trace, { layer, unit: options.unit, position });
    if (options.json) printJson(opened);
    else printLines(unitLines(opened));
  });
}
