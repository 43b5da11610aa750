import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BatchInput } from '../../server/batch/batchInputs';
import { InputDigests } from '../../server/batch/contentDigest';
import { writeResults } from '../../server/batch/finish';
import { type BatchRecord, readRecord, startJournal } from '../../server/batch/journal';
import { runBatch } from '../../server/batch/runBatch';
import { isInShard, shardFolder, shardOf } from '../../server/batch/shards';
import { defaultLayer } from '../../server/explain/layerChoice';
import type { OpenModel } from '../../server/session/openModels';
import type { Session } from '../../server/session/session';
import type { BatchRow, Shard } from '../../shared/batch/batchRow';
import { Failure, fail } from '../../shared/errors';
import { defaultMethod, METHOD_IDS, type MethodId } from '../../shared/methods';
import { visible } from '../../shared/text';
import { methodOption } from '../explain';
import { addRunOptions } from '../modelRun';
import { modelArgument } from '../options';
import type { OpenSession } from '../session';
import { outputOption } from '../target';
import { batchProgress } from './batchProgress';
import {
  type BatchOptions,
  batchInputOption,
  headerOf,
  settingsOption,
  setUpBatch,
  trueLabelsOption,
} from './batchSetup';
import { printSummary } from './batchSummary';
import { untilStopped } from './stopSignal';

interface BatchCommandOptions extends BatchOptions {
  readonly out: string;
  readonly method?: readonly MethodId[];
  readonly resume?: boolean;
  readonly shard?: Shard | 'auto';
}

/** Of a process that was interrupted. */
const INTERRUPTED = 130;

export function batchCommand(openSession: OpenSession): Command {
  const command = new Command('batch')
    .description(
      'Predict and explain a folder of inputs: heat maps, tables of the predictions, and a report that opens in any browser.',
    )
    .addArgument(modelArgument())
    .addOption(batchInputOption())
    .requiredOption('--out <folder>', 'a new folder, which everything is written into')
    .addOption(
      new Option(
        '--method <methods>',
        'the methods, separated by commas, or none for predictions alone; default: as for "explain"',
      ).argParser(methods),
    )
    .addOption(
      new Option(
        '--option <name=value>',
        'an option of the methods that have it ("layerglass methods" lists them); repeat for more options',
      )
        .argParser(methodOption)
        .default({}, 'the methods’ own'),
    )
    .option('--trust', 'examine how far each map can be trusted; takes hundreds of passes for each input')
    .addOption(trueLabelsOption())
    .addOption(settingsOption())
    .addOption(outputOption())
    .option(
      '--resume',
      'go on with the batch in --out, or start it where there is none; inputs of another content are computed again',
    )
    .addOption(
      new Option(
        '--shard <part>',
        'compute one of several parts, as I/N, or auto for the part that Slurm, Kubernetes, AWS Batch or GNU parallel gives this task; it gets a folder of its own in --out',
      ).argParser(shardChoice),
    );
  return addRunOptions(command).action((model: string, options: BatchCommandOptions) =>
    batch(openSession({ ...options, keepsOneRun: true }), model, options),
  );
}

function methods(list: string): readonly MethodId[] {
  if (list.trim() === 'none') return [];
  const names = new Set(list.split(',').map((name) => name.trim()));
  const unknown = [...names].find((name) => !METHOD_IDS.some((id) => id === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `There is no method "${unknown}". Allowed are ${METHOD_IDS.join(', ')}, none.`,
    );
  return METHOD_IDS.filter((id) => names.has(id));
}

function shardChoice(text: string): Shard | 'auto' {
  if (text === 'auto') return text;
  const [, number = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (number >= 1 && number <= count) return { number, count };
  throw new InvalidArgumentError('Give it as I/N with I from 1 to N, such as 3/8, or auto.');
}

async function batch(session: Session, model: string, options: BatchCommandOptions): Promise<void> {
  const part = options.shard === 'auto' ? shardOf(process.env) : (options.shard ?? null);
  const out = resolve(options.out);
  const folder = part === null ? out : join(out, shardFolder(part));
  await untilStopped(async (control) => {
    const setup = await setUpBatch(
      session,
      model,
      options,
      {
        out: folder,
        methodsOf: (opened) => options.method ?? [methodOf(opened)],
      },
      control,
    );
    const header = headerOf(setup, options.input, part);
    const inputs = setup.listed.inputs.filter(({ name }) => part === null || isInShard(name, part));
    for (const notice of header.notices) process.stderr.write(`Note: ${visible(notice)}\n`);
    const journal = startJournal(folder, header, options.resume ?? false);
    const digests = new InputDigests();
    const sources = new Map(inputs.map((input) => [input.name, input.sources]));
    const left = inputs.filter(
      (input) => journal.done.get(input.name)?.content !== digests.of(input.sources),
    );
    const progress = batchProgress(inputs.length, inputs.length - left.length);
    let rows = 0;
    try {
      await runBatch(session, setup.run, left, control, (row) => {
        journal.add({ ...row, content: digests.of(sources.get(row.name) ?? []) });
        rows += 1;
        progress.add(row.name, row.error !== null);
      });
      journal.end();
      progress.end();
      const record = { header, rows: rowsOf(folder, inputs), isDone: true };
      printSummary(record, folder, writeResults(folder, record), options.json ?? false);
    } catch (thrown) {
      progress.end();
      throw stopped(thrown, inputs.length - left.length + rows, inputs.length);
    } finally {
      journal.close();
    }
  });
}

const methodOf = ({ graph }: OpenModel): MethodId => defaultMethod(defaultLayer(graph, 0) !== null);

/** The rows of the inputs that there are now, in their order. */
function rowsOf(folder: string, inputs: readonly BatchInput[]): BatchRow[] {
  const record: BatchRecord | null = readRecord(folder);
  const known = new Map(record?.rows.map((row) => [row.name, row]));
  return inputs.map(({ name, at }) => ({
    ...(known.get(name) ?? fail('internal', `${name} was not written.`)),
    at,
  }));
}

/** A batch that the user stopped can be continued. */
function stopped(thrown: unknown, done: number, total: number): unknown {
  if (!(thrown instanceof Failure) || thrown.error.kind !== 'cancelled') return thrown;
  process.exitCode = INTERRUPTED;
  return new Failure({
    kind: 'cancelled',
    message: `Stopped after ${done} of ${total} inputs.`,
    remedy: 'Run the same command with --resume to go on.',
  });
}
