/**
 * `npm start [-- --headless] [--port N]`: VS Code on `samples/` with Layerglass loaded. The desktop one where `code` is on
 * the PATH, else VS Code in the browser; with --headless the latter without opening a browser, until it is stopped.
 */

import { inProject, isWindows, main, root, run, say, start, Trouble, which } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

/** The value of `--port N` or `--port=N`; undefined where it is not given. */
function portOf(args) {
  const at = args.findIndex((arg) => arg === '--port' || arg.startsWith('--port='));
  if (at < 0) return undefined;
  const text = args[at].includes('=') ? args[at].split('=')[1] : args[at + 1];
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Trouble(`--port ${text}: no port number.`);
  return port;
}

function openBrowser(url) {
  const [program, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : isWindows
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const child = start(program, args, { stdio: 'ignore' });
  // The address is printed anyway; a machine without a browser is no error.
  child.on('error', () => say(`no browser could be opened with ${program}: open the address yourself`));
  child.unref();
}

/**
 * Calls back when the process that started this one is gone. npm runs scripts through a shell, which passes no signal on:
 * who stops `npm start` would otherwise leave VS Code running.
 */
function whenParentEnds(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 500);
  timer.unref();
}

await main(async () => {
  const args = process.argv.slice(2);
  const headless = args.includes('--headless');
  const port = portOf(args);
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  await build();

  const samples = inProject('samples');
  const code = headless || port !== undefined ? null : which('code');
  if (code) {
    run(code, [`--extensionDevelopmentPath=${root}`, samples], { show: true });
    return;
  }

  const { startWorkbench } = await import('./workbench.mjs');
  const dataDir = inProject('.vscode-test', 'start');
  const workbench = await startWorkbench({ dataDir, port, keepSettings: true });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => workbench.stop());
  process.on('exit', () => workbench.stop());
  if (process.env.npm_lifecycle_event) whenParentEnds(() => workbench.stop());
  const url = workbench.url(samples);
  process.stdout.write(`VS Code with Layerglass: ${url}\n`);
  if (!headless) openBrowser(url);
  await workbench.ended;
});
