import { describe, expect, it } from 'vitest';
import { Failure, fail, RETRY_HELPS, toError, toResult } from '../../../src/shared/errors';

function broken(): never {
  throw new Error('the table has no row', { cause: new TypeError('x is undefined') });
}

describe('an unexpected failure', () => {
  it('keeps its stack and its causes for the log', async () => {
    const result = await toResult(broken);
    const error = result.ok ? undefined : result.error;
    expect(error?.kind).toBe('internal');
    expect(error?.message).not.toMatch(/\bat .*errors\.test/);
    expect(error?.stack).toMatch(/the table has no row\n\s+at broken/);
    expect(error?.stack).toMatch(/Caused by: TypeError: x is undefined/);
  });

  it('keeps it also as a Failure of kind internal, and across a process boundary', () => {
    const thrown = toError(new Failure({ kind: 'internal', message: 'A sum is off.' }));
    expect(thrown.stack).toMatch(/errors\.test/);
    const travelled: typeof thrown = JSON.parse(JSON.stringify(thrown));
    expect(toError(new Failure(travelled)).stack).toBe(thrown.stack);
  });

  it('has a stack of limited length', () => {
    const cause = new Error('c'.repeat(100_000));
    cause.cause = cause;
    expect(toError(cause).stack?.length).toBe(8000);
  });
});

describe('a failure caused by a file or an input', () => {
  it('needs no stack', () => {
    try {
      fail('truncated', 'cat.keras ends too soon.');
    } catch (thrown) {
      expect(toError(thrown).stack).toBeUndefined();
    }
  });

  it('is not solved by trying again', () => {
    expect(RETRY_HELPS['wrong-shape']).toBe(false);
    expect(RETRY_HELPS['unsupported-format']).toBe(false);
    expect(RETRY_HELPS['server-ended']).toBe(true);
    expect(RETRY_HELPS['compute-ended']).toBe(true);
  });
});

describe('the message of a failure is one sentence', () => {
  const messageOf = (message: string): string => new Failure({ kind: 'backend', message }).error.message;

  it.each([
    ['Layer "a" could not be computed: index 6 is not in [0, 5]', 'index 6 is not in [0, 5].'],
    ['Layer "a" could not be computed: first line\n\tsecond line\n', 'first line \tsecond line.'],
    ['The file holds nothing.', 'The file holds nothing.'],
    ['Values of "a" are unknown because of "b."', 'because of "b."'],
    ['{0}为空（0 字节）。', '字节）。'],
  ])('%j', (given, end) => {
    expect(messageOf(given).endsWith(end)).toBe(true);
    expect(messageOf(given)).not.toContain('\n');
  });

  it('however long the message of a library is', () => {
    expect(messageOf('a'.repeat(1e6)).length).toBe(4000);
  });

  it('also for an unexpected failure', () => {
    expect(toError(new TypeError('x is undefined')).message).toMatch(/x is undefined\.$/);
  });
});
