import Mocha from 'mocha';

/**
 * Runs the suite inside VS Code's extension host: started by @vscode/test-electron on a desktop and by
 * code-server through `extensionTestsPath`. Rejects when a test failed, which ends the host with an error.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, color: false });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./extension.test');
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
