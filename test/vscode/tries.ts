import { afterEach, beforeEach } from 'vitest';
import type { VsCode } from './harness';

/**
 * Reloads the window before a test is repeated; pages and views restore themselves. Saves a screenshot of each failed try as
 * `test-results/failed-<try>-<test>.png`.
 */
export function reloadBetweenTries(vscode: () => VsCode): void {
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) > 0) await vscode().reload();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const name = task.name.replace(/\W+/g, '-').slice(0, 60);
    await vscode().screenshot(`failed-${task.result.retryCount ?? 0}-${name}`);
  });
}

/** One step of a story, in which each step continues where the one before it ended; a failure names it. */
export async function step(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof Error) thrown.message = `${name}: ${thrown.message}`;
    throw thrown;
  }
}

/** For a test of several steps. */
export const STORY = { timeout: 300_000 };
