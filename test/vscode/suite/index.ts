import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** The result of one test; all are written to the file named in LAYERGLASS_SUITE_RESULT, for the process that started VS Code. */
export interface SuiteOutcome {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly error?: string;
}

/**
 * Runs the suite inside VS Code's extension host: started by @vscode/test-electron on a desktop and by
 * code-server through `extensionTestsPath`. Rejects when a test failed, which ends the host with an error.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, color: false });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./extension.test');
  const outcomes: SuiteOutcome[] = [];
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => outcomes.push({ title: test.fullTitle(), state: 'passed' }));
    runner.on('pending', (test) => outcomes.push({ title: test.fullTitle(), state: 'skipped' }));
    // Also emitted for a failing hook.
    runner.on('fail', (test, error) =>
      outcomes.push({ title: test.fullTitle(), state: 'failed', error: error.stack ?? error.message }),
    );
  });
  const resultFile = process.env.LAYERGLASS_SUITE_RESULT;
  if (resultFile) writeFileSync(resultFile, JSON.stringify(outcomes));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
