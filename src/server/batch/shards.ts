import { createHash } from 'node:crypto';
import type { Shard } from '../../shared/batch/batchRow';
import { fail } from '../../shared/errors';

/** Variables that say how many tasks there are, for engines that do not. */
const COUNT = 'LAYERGLASS_SHARDS';

/** The environment variables by which an engine tells its tasks apart. */
interface Engine {
  readonly name: string;
  readonly task: string;
  /** The number of the first task; the name of a variable, or a number. */
  readonly first: string | number;
  readonly count: string;
  /** Between the numbers of two tasks. */
  readonly step?: string;
}

const ENGINES: readonly Engine[] = [
  {
    name: 'Slurm',
    task: 'SLURM_ARRAY_TASK_ID',
    first: 'SLURM_ARRAY_TASK_MIN',
    count: 'SLURM_ARRAY_TASK_COUNT',
    step: 'SLURM_ARRAY_TASK_STEP',
  },
  { name: 'AWS Batch', task: 'AWS_BATCH_JOB_ARRAY_INDEX', first: 0, count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  { name: 'Kubernetes', task: 'JOB_COMPLETION_INDEX', first: 0, count: COUNT },
  { name: 'GNU parallel', task: 'PARALLEL_SEQ', first: 1, count: COUNT },
];

/** Bytes of the hash that decide. */
const HASH_BYTES = 6;

/** Whether an input belongs to a part: by a hash of its name, so that parts stay the same when other inputs come and go. */
export const isInShard = (name: string, { number, count }: Shard): boolean =>
  createHash('sha256').update(name).digest().readUIntBE(0, HASH_BYTES) % count === number - 1;

/** The part that an engine gave this process, by its environment variables. @throws Failure `bad-input` */
export function shardOf(env: Readonly<Record<string, string | undefined>>): Shard {
  const engine = ENGINES.find(({ task }) => env[task] !== undefined);
  if (engine === undefined) {
    return fail('bad-input', 'No environment variable says which part this is.', {
      remedy: `Start it as a task of ${ENGINES.map(({ name, task }) => `${name} (${task})`).join(', ')}, or give the part as I/N, such as 3/8.`,
    });
  }
  const read = (name: string | number, otherwise?: number): number => {
    if (typeof name === 'number') return name;
    const text = env[name];
    if (text === undefined && otherwise !== undefined) return otherwise;
    if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
    return fail(
      'bad-input',
      text === undefined
        ? `${engine.name} tells no number of tasks: ${name} is not set.`
        : `${name} is "${text}", which is no whole number.`,
      { remedy: 'Set it in the job, or give the part as I/N, such as 3/8.' },
    );
  };
  const step = engine.step === undefined ? 1 : Math.max(1, read(engine.step, 1));
  const number = (read(engine.task) - read(engine.first)) / step + 1;
  const count = read(engine.count);
  if (Number.isInteger(number) && number >= 1 && number <= count) return { number, count };
  return fail('bad-input', `${engine.name} numbers this task ${number} of ${count}.`, {
    remedy: 'Number the tasks without gaps, or give the part as I/N, such as 3/8.',
  });
}

/** Name of the folder of a part: `part-003-of-008`. */
export function shardFolder({ number, count }: Shard): string {
  const digits = Math.max(3, String(count).length);
  const padded = (value: number): string => String(value).padStart(digits, '0');
  return `part-${padded(number)}-of-${padded(count)}`;
}
