/**
 * `npm run test:desktop`: the in-host suite under a desktop VS Code, the one that VSCODE_EXECUTABLE names or a downloaded
 * one of the version in VSCODE_VERSION (default: stable). On Linux without a display run it under xvfb-run.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject, isThere, main, root, say, Trouble } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

const LAUNCH_ARGS = ['--disable-extensions', '--disable-workspace-trust', '--disable-gpu', '--no-sandbox'];

await main(async () => {
  setUpNodeModules();
  const executable = process.env.VSCODE_EXECUTABLE;
  if (executable && !isThere(executable)) {
    throw new Trouble(`VSCODE_EXECUTABLE names ${executable}, where nothing lies.`);
  }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new Trouble('A desktop VS Code needs a display: run `xvfb-run -a npm run test:desktop`.');
  }
  const { build } = await import('./build.mjs');
  const { buildSuite } = await import('./suite.mjs');
  await build();
  const extensionTestsPath = await buildSuite();

  const { runTests } = await import('@vscode/test-electron');
  const home = mkdtempSync(join(tmpdir(), 'layerglass-desktop-'));
  const workspace = join(home, 'samples');
  cpSync(inProject('samples'), workspace, { recursive: true });
  try {
    await runTests({
      ...(executable
        ? { vscodeExecutablePath: executable }
        : { version: process.env.VSCODE_VERSION ?? 'stable' }),
      extensionDevelopmentPath: root,
      extensionTestsPath,
      launchArgs: [workspace, '--user-data-dir', join(home, 'user'), ...LAUNCH_ARGS],
    });
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    if (/ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|fetch/.test(words)) {
      throw new Trouble(
        `VS Code could not be downloaded (${words}): name an installed one in VSCODE_EXECUTABLE.`,
      );
    }
    throw new Trouble(`The suite failed under the desktop VS Code: ${words}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  say('the suite passed under the desktop VS Code');
});
