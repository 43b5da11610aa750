import { afterEach, beforeEach } from 'vitest';
import type { VsCode } from './harness';

/**
 * A test that is tried again starts from a window that was loaded anew: its pages and views restore themselves. What the
 * window showed when a test failed is kept as `test-results/failed-<try>-<test>.png`.
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
