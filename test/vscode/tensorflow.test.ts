import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyUnavailable } from '../../src/extension/tensorflow/archives';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const LIMIT_MS = 60_000;

let vscode: VsCode;
let proxy: Server;
/** What the extension asked the proxy for; VS Code itself may ask for its marketplace. */
const connections: string[] = [];

beforeAll(async () => {
  // A proxy that lets nothing out, as some do.
  proxy = createServer().on('connect', ({ url }, socket) => {
    if (/npmjs|googleapis/.test(url ?? '')) connections.push(url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vscode = await VsCode.open({ settings: { 'http.proxy': `http://127.0.0.1:${port}` } });
});
afterAll(async () => {
  await vscode?.close();
  proxy?.close();
});
reloadBetweenTries(() => vscode);

/** Elsewhere the command ends before it asks. */
const isAvailable = whyUnavailable(process.platform, process.arch, 'glibc') === undefined;

test.runIf(isAvailable)(
  'setting TensorFlow up asks first, uses the proxy of VS Code, and says what failed',
  async () => {
    await vscode.command('Layerglass: Set Up the TensorFlow Backend');
    const dialog = vscode.page.locator('.monaco-dialog-box', {
      hasText: 'Download TensorFlow for Layerglass?',
    });
    await dialog.waitFor();
    await vscode.screenshot('tensorflow-question');
    expect(connections).toEqual([]);
    await dialog.getByRole('button', { name: 'Download' }).click();
    const error = vscode.notifications().filter({ hasText: 'storage.googleapis.com' });
    await error.waitFor({ timeout: LIMIT_MS });
    await vscode.screenshot('tensorflow-proxy');
    expect(await error.textContent()).toMatch(
      /storage\.googleapis\.com .* through the proxy 127\.0\.0\.1:\d+: /,
    );
    expect(connections).toEqual(['storage.googleapis.com:443']);
  },
);
