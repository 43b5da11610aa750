/** Starts VS Code's server and says at which address a browser finds the workbench with Layerglass in it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setUpCodeServer } from './codeServer.mjs';
import { isThere, root, start, stop, Trouble } from './lib.mjs';

const START_LIMIT_MS = 60_000;

/** What VS Code would otherwise show over the workbench, or ask the network for. */
const QUIET_SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'window.commandCenter': false,
  'chat.commandCenter.enabled': false,
};

/** A port nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts VS Code's server and waits until it answers.
 * @param {{ dataDir: string, port?: number, settings?: object, env?: object, extensionDir?: string,
 *   keepSettings?: boolean, logLevel?: string }} options
 *   `dataDir`: settings, state and logs; `keepSettings`: settings that are there already stay as they are;
 *   `logLevel`: of extensions, e.g. "layerglass.layerglass:debug"
 * @returns {Promise<{ origin: string, url(folder: string, testsPath?: string): string, output(): string, stop(): void,
 *   ended: Promise<void> }>}
 * @throws {Trouble} when it cannot be installed or does not come up
 */
export async function startWorkbench(options) {
  const { dataDir, settings = {}, env = {}, extensionDir = root, keepSettings = false } = options;
  const program = await setUpCodeServer();
  const port = options.port ?? (await freePort());
  const user = join(dataDir, 'data', 'User');
  mkdirSync(user, { recursive: true });
  const settingsFile = join(user, 'settings.json');
  if (!keepSettings || !isThere(settingsFile)) {
    writeFileSync(settingsFile, `${JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2)}\n`);
  }

  const child = start(
    process.execPath,
    [
      program,
      ...['--host', '127.0.0.1', '--port', String(port), '--server-data-dir', dataDir],
      ...['--without-connection-token', '--accept-server-license-terms', '--telemetry-level', 'off'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  const origin = `http://127.0.0.1:${port}`;

  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Trouble(`VS Code's server ended at once:\n${output.trim()}`);
    // Before it listens the connection is refused, which fetch throws.
    const answer = await fetch(origin).catch(() => null);
    if (answer?.ok) break;
    if (Date.now() > deadline) {
      stop(child);
      throw new Trouble(`VS Code's server did not answer at ${origin} within a minute:\n${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
  return {
    origin,
    pid: child.pid,
    url(folder, testsPath) {
      const payload = [['extensionDevelopmentPath', remote(extensionDir)]];
      if (options.logLevel) payload.push(['logLevel', options.logLevel]);
      if (testsPath) payload.push(['extensionTestsPath', remote(testsPath)]);
      return `${origin}/?${new URLSearchParams({ folder, payload: JSON.stringify(payload) })}`;
    },
    output: () => output,
    stop: () => stop(child),
    ended,
  };
}
