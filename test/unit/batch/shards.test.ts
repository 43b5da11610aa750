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

describe('auto', () => {
  test.each([
    ['Slurm', { SLURM_ARRAY_TASK_ID: '5', SLURM_ARRAY_TASK_MIN: '1', SLURM_ARRAY_TASK_COUNT: '8' }, 5, 8],
    [
      'Slurm with steps',
      {
        SLURM_ARRAY_TASK_ID: '8',
        SLURM_ARRAY_TASK_MIN: '0',
        SLURM_ARRAY_TASK_COUNT: '4',
        SLURM_ARRAY_TASK_STEP: '4',
      },
      3,
      4,
    ],
    ['Kubernetes', { JOB_COMPLETION_INDEX: '0', LAYERGLASS_SHARDS: '3' }, 1, 3],
    ['AWS Batch', { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '3' }, 3, 3],
    ['GNU parallel', { PARALLEL_SEQ: '2', LAYERGLASS_SHARDS: '4' }, 2, 4],
  ])('%s', (_, env, number, count) => {
    expect(shardOf(env)).toEqual({ number, count });
  });

  test.each([
    [{}, /^No environment variable says/],
    [{ JOB_COMPLETION_INDEX: '0' }, /^Kubernetes tells no number of tasks: LAYERGLASS_SHARDS is not set/],
    [{ PARALLEL_SEQ: '5', LAYERGLASS_SHARDS: '4' }, /^GNU parallel numbers this task 5 of 4/],
    [{ PARALLEL_SEQ: 'x', LAYERGLASS_SHARDS: '4' }, /^PARALLEL_SEQ is "x", which is no whole number/],
  ])('%j is refused', (env, message) => {
    expect(() => shardOf(env)).toThrow(Failure);
    expect(() => shardOf(env)).toThrow(message);
  });
});

test('folders of parts sort as their numbers', () => {
  expect(shardFolder({ number: 3, count: 8 })).toBe('part-003-of-008');
  expect(shardFolder({ number: 12, count: 20_000 })).toBe('part-00012-of-20000');
});
