import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { checkRows, inputCases } from '../../server/batch/checkRows';
import { junitXml } from '../../server/batch/junit';
import { runBatch } from '../../server/batch/runBatch';
import { writeFile } from '../../server/io/writeFile';
import type { Session } from '../../server/session/session';
import type { BatchRow } from '../../shared/batch/batchRow';
import { visible } from '../../shared/text';
import { addRunOptions } from '../modelRun';
import { modelArgument } from '../options';
import { printJson, printLines } from '../output';
import type { OpenSession } from '../session';
import { outputOption } from '../target';
import { batchProgress } from './batchProgress';
import {
  type BatchOptions,
  batchInputOption,
  settingsOption,
  setUpBatch,
  trueLabelsOption,
} from './batchSetup';
import { failureLines } from './batchSummary';
import { untilStopped } from './stopSignal';

interface CheckOptions extends BatchOptions {
  readonly minAccuracy?: number;
  readonly maxNan?: number;
  readonly junit?: string;
}

const FAILED = 1;

export function checkCommand(openSession: OpenSession): Command {
  const command = new Command('check')
    .description(
      'Check a model on labelled inputs, for CI: exit code 0 where it keeps the limits, 1 where it does not.',
    )
    .addArgument(modelArgument())
    .addOption(batchInputOption())
    .addOption(trueLabelsOption())
    .addOption(settingsOption())
    .addOption(
      new Option(
        '--min-accuracy <share>',
        'share of the labelled inputs that must be right, from 0 to 1',
      ).argParser(share),
    )
    .addOption(new Option('--max-nan <count>', 'how many inputs may give NaN or infinities').argParser(count))
    .option('--junit <file.xml>', 'write the checks as JUnit XML, which CI systems show as tests')
    .addOption(outputOption());
  return addRunOptions(command).action((model: string, options: CheckOptions) =>
    check(openSession({ ...options, keepsOneRun: true }), model, options),
  );
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Give a number from 0 to 1, such as 0.95.');
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 0.');
}

async function check(session: Session, model: string, options: CheckOptions): Promise<void> {
  const { minAccuracy = null, maxNan = null, junit, json } = options;
  await untilStopped(async (control) => {
    const { run, listed, labels } = await setUpBatch(
      session,
      model,
      options,
      { out: null, methodsOf: () => [] },
      control,
    );
    for (const notice of listed.notices) process.stderr.write(`Note: ${visible(notice)}\n`);
    const progress = batchProgress(listed.inputs.length, 0);
    const rows: BatchRow[] = [];
    try {
      await runBatch(session, run, listed.inputs, control, (row) => {
        rows.push(row);
        progress.add(row.name, row.error !== null);
      });
    } finally {
      progress.end();
    }
    const { cases, ...checked } = checkRows(rows, { minAccuracy, maxNan });
    if (junit !== undefined)
      writeFile(
        resolve(junit),
        Buffer.from(junitXml(run.opened.path, [...cases, ...inputCases(rows, labels)])),
      );
    if (json)
      printJson({
        ...checked,
        checks: cases.map(({ name, outcome, message }) => ({ name, outcome, message })),
      });
    else
      printLines([
        ...cases.map(({ name, outcome, message }) =>
          visible(`${outcome}: ${name}${message === '' ? '' : `. ${message}`}`),
        ),
        ...failureLines(rows, 'in the file of --junit'),
      ]);
    if (!checked.passed) process.exitCode = FAILED;
  });
}
