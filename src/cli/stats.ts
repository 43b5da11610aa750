import { Command } from 'commander';
import { doctorRun } from '../server/answers/doctor';
import { modelHealth } from '../server/inspect/health/modelHealth';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import type { HealthRow, ModelHealth } from '../shared/results/health';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { editOption, inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import type { OpenSession } from './session';
import { doctorLines, statsLines } from './statsText';

export function statsCommand(openSession: OpenSession): Command {
  const command = new Command('stats')
    .description(
      'Statistics of all layers for an input, before and after their activations, where NaN or infinities begin, and what else is wrong.',
    )
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(editOption());
  return addRunOptions(command).action((model: string, options: ModelRunOptions) =>
    stats(openSession(options), model, options),
  );
}

async function stats(session: Session, model: string, options: ModelRunOptions): Promise<void> {
  await runModel(session, model, options, async (run, { preprocessing }) => {
    const { trace, inputs } = run;
    const health = await modelHealth(trace, NO_CONTROL);
    const doctor = await doctorRun(run, preprocessing, NO_CONTROL);
    const notices = inputs.flatMap((input) => input.notices);
    if (options.json) printJson({ ...health, layers: health.layers.map(withoutHistogram), doctor, notices });
    else printLines([...statsLines(health, notices), ...doctorLines(doctor)]);
  });
}

const withoutHistogram = ({
  histogram: _,
  ...row
}: HealthRow): Omit<ModelHealth['layers'][number], 'histogram'> => row;
