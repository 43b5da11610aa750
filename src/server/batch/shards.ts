import { createHash } from 'node:crypto';
import type { Shard } from '../../shared/batch/batchRow';
import { fail } from '../../shared/errors';

/** How many parts there are: for engines that do not say so, and where not all tasks of the job are parts that are started now. */
const COUNT = 'LAYERGLASS_SHARDS';

/** The environment variables by which an engine tells its tasks apart. */
interface Engine {
  readonly name: string;
  readonly task: string;
  /** The number of the first task: of all parts, and of those that were started, which may be others. */
  readonly first: number;
  readonly started?: { readonly first: string; readonly last: string; readonly step: string };
  readonly count: string;
}

const ENGINES: readonly Engine[] = [
  {
    name: 'Slurm',
    task: 'SLURM_ARRAY_TASK_ID',
    first: 1,
    started: {
      first: 'SLURM_ARRAY_TASK_MIN',
      last: 'SLURM_ARRAY_TASK_MAX',
      step: 'SLURM_ARRAY_TASK_STEP',
    },
    count: 'SLURM_ARRAY_TASK_COUNT',
  },
  {
    name: 'AWS Batch',
    task: 'AWS_BATCH_JOB_ARRAY_INDEX',
    first: 0,
    count: 'AWS_BATCH_JOB_ARRAY_SIZE',
  },
  { name: 'Kubernetes', task: 'JOB_COMPLETION_INDEX', first: 0, count: COUNT },
  { name: 'GNU parallel', task: 'PARALLEL_SEQ', first: 1, count: COUNT },
];

/** Bytes of the hash that decide. */
const HASH_BYTES = 6;

/** Whether an input belongs to a part: by a hash of its name, so that parts stay the same when other inputs come and go. */
export const isInShard = (name: string, { number, count }: Shard): boolean =>
  createHash('sha256').update(name).digest().readUIntBE(0, HASH_BYTES) % count === number - 1;

type Environment = Readonly<Record<string, string | undefined>>;

/** The part that an engine gave this process, by its environment variables. @throws Failure `bad-input` */
export function shardOf(env: Environment): Shard {
  const [engine, other] = ENGINES.filter(({ task }) => env[task] !== undefined);
  if (engine === undefined) {
    return refuse(
      'No environment variable says which part this is.',
      `Start it as a task of ${ENGINES.map(({ name, task }) => `${name} (${task})`).join(', ')}, or give the part as I/N, such as 3/8.`,
    );
  }
  if (other !== undefined) {
    return refuse(
      `Both ${engine.name} and ${other.name} number this task (${engine.task}, ${other.task}).`,
      `Unset the one that does not count the parts, ${ASK}`,
    );
  }
  const { first, step, count } =
    env[COUNT] === undefined && engine.started !== undefined
      ? startedTasks(engine, engine.started, env)
      : { first: engine.first, step: 1, count: countOf(engine, env) };
  const number = (numberIn(env, engine.task) - first) / step + 1;
  if (Number.isInteger(number) && number >= 1 && number <= count) return { number, count };
  return refuse(
    `${engine.name} numbers this task ${env[engine.task]}, which is none of ${count} from ${first}.`,
    `Number the tasks from ${first} without gaps, ${ASK}`,
  );
}

const ASK = 'or give the part as I/N, such as 3/8.';

function countOf({ name, count }: Engine, env: Environment): number {
  const variable = env[COUNT] === undefined ? count : COUNT;
  if (env[variable] !== undefined) return numberIn(env, variable);
  return refuse(
    `${name} does not say how many parts there are: ${variable} is not set.`,
    `Set ${COUNT} to their number, ${ASK}`,
  );
}

/**
 * Of an array like 1-8, 0-7 or 10-80:10. One with gaps, or that begins later, is refused: it runs some parts again, and does not say of how many.
 * @throws Failure `bad-input`
 */
function startedTasks(
  engine: Engine,
  { first: min, last: max, step: by }: NonNullable<Engine['started']>,
  env: Environment,
): { readonly first: number; readonly step: number; readonly count: number } {
  const first = numberIn(env, min);
  const step = env[by] === undefined ? 1 : Math.max(1, numberIn(env, by));
  const all = (numberIn(env, max) - first) / step + 1;
  const count = env[engine.count] === undefined ? all : countOf(engine, env);
  if (all === count && first <= step) return { first, step, count };
  return refuse(
    `The array of ${engine.name} does not say how many parts there are: it has ${count} ${count === 1 ? 'task' : 'tasks'} from ${env[min]} to ${env[max]}.`,
    `To run some parts again, number the tasks as the parts and set ${COUNT} to the number of all parts, ${ASK}`,
  );
}

function numberIn(env: Environment, name: string): number {
  const text = env[name];
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
  return refuse(
    text === undefined ? `${name} is not set.` : `${name} is "${text}", which is no whole number.`,
    `Set it in the job, ${ASK}`,
  );
}

const refuse = (message: string, remedy: string): never => fail('bad-input', message, { remedy });

/** Name of the folder of a part: `part-003-of-008`. */
export function shardFolder({ number, count }: Shard): string {
  const digits = Math.max(3, String(count).length);
  const padded = (value: number): string => String(value).padStart(digits, '0');
  return `part-${padded(number)}-of-${padded(count)}`;
}
