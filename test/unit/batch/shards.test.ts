import { describe, expect, test } from 'vitest';
import { isInShard, shardFolder, shardOf } from '../../../src/server/batch/shards';
import { Failure } from '../../../src/shared/errors';

const names = Array.from({ length: 800 }, (_, i) => `class/${i}.png`);

test('each input is in exactly one part, and the parts are about equal', () => {
  const parts = Array.from({ length: 8 }, (_, i) =>
    names.filter((name) => isInShard(name, { number: i + 1, count: 8 })),
  );
  expect(parts.flat().sort()).toEqual([...names].sort());
  for (const part of parts) expect(part.length).toBeGreaterThan(60);
});

test('a name keeps its part on every machine', () => {
  const parts = Array.from({ length: 8 }, (_, i) => isInShard('cats/1.png', { number: i + 1, count: 8 }));
  // In Python: int.from_bytes(sha256(b'cats/1.png').digest()[:6], 'big') % 8
  expect(parts.indexOf(true)).toBe(7);
});

const slurm = (id: number, [min, max, step = 1]: readonly number[], count: number) => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_MIN: String(min),
  SLURM_ARRAY_TASK_MAX: String(max),
  SLURM_ARRAY_TASK_STEP: String(step),
  SLURM_ARRAY_TASK_COUNT: String(count),
});

describe('auto', () => {
  test.each([
    ['Slurm, --array=1-8', slurm(5, [1, 8], 8), 5, 8],
    ['Slurm, --array=0-7', slurm(0, [0, 7], 8), 1, 8],
    ['Slurm, --array=0-15:4', slurm(8, [0, 12, 4], 4), 3, 4],
    ['Slurm, whose step was not set', { ...slurm(2, [1, 8], 8), SLURM_ARRAY_TASK_STEP: undefined }, 2, 8],
    [
      'Slurm, whose count was not set',
      { ...slurm(6, [2, 8, 2], 0), SLURM_ARRAY_TASK_COUNT: undefined },
      3,
      4,
    ],
    ['Slurm, one of eight again', { ...slurm(3, [3, 3], 1), LAYERGLASS_SHARDS: '8' }, 3, 8],
    ['Slurm, some of eight again', { ...slurm(7, [2, 7], 3), LAYERGLASS_SHARDS: '8' }, 7, 8],
    ['Kubernetes', { JOB_COMPLETION_INDEX: '0', LAYERGLASS_SHARDS: '3' }, 1, 3],
    ['AWS Batch', { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '3' }, 3, 3],
    ['GNU parallel', { PARALLEL_SEQ: '2', PARALLEL_JOBSLOT: '1', LAYERGLASS_SHARDS: '4' }, 2, 4],
  ])('%s', (_, env, number, count) => {
    expect(shardOf(env)).toEqual({ number, count });
  });

  test.each([
    [{}, /^No environment variable says/],
    [{ PARALLEL_JOBSLOT: '1' }, /^No environment variable says/],
    [{ JOB_COMPLETION_INDEX: '0' }, /^Kubernetes does not say how many parts there are: LAYERGLASS_SHARDS/],
    [{ PARALLEL_SEQ: '1' }, /^GNU parallel does not say how many parts there are: LAYERGLASS_SHARDS/],
    [
      { AWS_BATCH_JOB_ARRAY_INDEX: '1' },
      /^AWS Batch does not say how many .* AWS_BATCH_JOB_ARRAY_SIZE is not/,
    ],
    [{ SLURM_ARRAY_TASK_ID: '1' }, /^SLURM_ARRAY_TASK_MIN is not set/],
    [{ PARALLEL_SEQ: '5', LAYERGLASS_SHARDS: '4' }, /numbers this task 5, which is none of 4 from 1/],
    [{ PARALLEL_SEQ: '1', LAYERGLASS_SHARDS: '0' }, /numbers this task 1, which is none of 0 from 1/],
    [{ PARALLEL_SEQ: 'x', LAYERGLASS_SHARDS: '4' }, /^PARALLEL_SEQ is "x", which is no whole number/],
    [{ PARALLEL_SEQ: '1', LAYERGLASS_SHARDS: '' }, /^LAYERGLASS_SHARDS is "", which is no whole number/],
    [slurm(7, [2, 7], 3), /^The array of Slurm does not say .*: it has 3 tasks from 2 to 7/],
    [slurm(3, [3, 3], 1), /^The array of Slurm does not say .*: it has 1 task from 3 to 3/],
    [slurm(5, [5, 8], 4), /^The array of Slurm does not say .*: it has 4 tasks from 5 to 8/],
    [{ ...slurm(0, [0, 7], 8), LAYERGLASS_SHARDS: '8' }, /numbers this task 0, which is none of 8 from 1/],
    [{ ...slurm(1, [1, 8], 8), PARALLEL_SEQ: '1' }, /^Both Slurm and GNU parallel number this task/],
  ])('%j is refused', (env, message) => {
    expect(() => shardOf(env)).toThrow(Failure);
    expect(() => shardOf(env)).toThrow(message);
  });
});

test('folders of parts sort as their numbers', () => {
  expect(shardFolder({ number: 3, count: 8 })).toBe('part-003-of-008');
  expect(shardFolder({ number: 12, count: 20_000 })).toBe('part-00012-of-20000');
});
