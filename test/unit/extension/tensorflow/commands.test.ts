import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogOutputChannel } from 'vscode';
import type { Client } from '../../../../src/extension/server/client';
import { archivesFrom } from '../../../../src/extension/tensorflow/archives';
import { registerTensorFlowCommands, type Supply } from '../../../../src/extension/tensorflow/commands';
import { Installation } from '../../../../src/extension/tensorflow/installation';
import type { BackendStatus } from '../../../../src/shared/model';
import { forget, press, registered, seen } from '../fakeVscode';
import { archiveAt, type LocalHost, startHost } from './localHost';

const NATIVE: BackendStatus = {
  name: 'native',
  reason: 'chosen by the setting layerglass.backend',
  version: '',
};
const ONNX: BackendStatus = { name: 'onnx', reason: 'the best that is there', version: '' };

let folder: string;
let host: LocalHost | undefined;
let installation: Installation;
let restarts = 0;
let ends: { dispose(): unknown }[] = [];

beforeEach(() => {
  forget();
  restarts = 0;
  folder = mkdtempSync(join(tmpdir(), 'layerglass-tensorflow-'));
  installation = new Installation(folder);
});
afterEach(() => {
  for (const end of ends) end.dispose();
  host?.close();
  host = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** The extension round a server that uses a given backend; `answering` is what the user presses in the last message. */
function register(supply: Supply, status: BackendStatus, answering?: string): void {
  const client: Pick<Client, 'ask' | 'restart' | 'noteUserRequest'> = {
    noteUserRequest: () => {},
    restart: async () => {
      restarts += 1;
    },
    ask: async () => {
      press.button = answering;
      return { ok: true, value: status as never };
    },
  };
  const log = { info: () => {} } as unknown as LogOutputChannel;
  ends = registerTensorFlowCommands({ client: client as Client, log }, installation, () => supply);
}

async function supplyFrom(answer: RequestListener): Promise<Supply> {
  host = await startHost(answer);
  const archives = archivesFrom({ npm: host.origin, storage: host.origin });
  return {
    whyUnavailable: undefined,
    archives: archives.map((archive) => ({ ...archive, digest: undefined })),
  };
}
const everything: RequestListener = ({ url = '' }, response) => response.end(archiveAt(url));

const setUp = () => registered.get('layerglass.setUpTensorFlow')?.();
const remove = () => registered.get('layerglass.removeTensorFlow')?.();
const texts = () => seen.notifications.map(({ text }) => text);

it('says that there is nothing for this machine before it asks or downloads', async () => {
  register({ whyUnavailable: 'There is no ready-made TensorFlow for plan9.', archives: [] }, ONNX);
  await setUp();
  expect(texts()).toEqual([
    expect.stringMatching(/^There is no ready-made TensorFlow for plan9\. .*nativePath/),
  ]);
  expect(seen.details).toEqual([]);
});

it('asks what may be downloaded, from where and how much, and takes no for an answer', async () => {
  register(await supplyFrom(everything), ONNX);
  await setUp();
  expect(texts()).toEqual(['Download TensorFlow for Layerglass?']);
  for (const part of ['registry.npmjs.org', 'storage.googleapis.com', '55 MB', 'about 100 MB', folder])
    expect(seen.details[0]).toContain(part);
  expect(host?.requested).toEqual([]);
  expect(restarts).toBe(0);
});

it('restarts the server and says that it is used', async () => {
  register(await supplyFrom(everything), NATIVE);
  press.button = 'Download';
  await setUp();
  expect(restarts).toBe(1);
  expect(texts().at(-1)).toBe(
    'TensorFlow 2.9.1 is set up. Models are computed on native (chosen by the setting layerglass.backend).',
  );
});

it('offers it where another backend comes first', async () => {
  register(await supplyFrom(everything), ONNX, 'Use TensorFlow');
  press.button = 'Download';
  await setUp();
  expect(texts().at(-1)).toMatch(
    /on onnx \(the best that is there\)\. To use TensorFlow, set layerglass\.backend/,
  );
  expect(seen.settings.get('backend')).toBe('native');
});

it('names the host and the cause when it fails, and offers to try again', async () => {
  register(await supplyFrom((_, response) => response.writeHead(404).end()), ONNX);
  press.button = 'Download';
  await setUp();
  await expect.poll(() => seen.notifications).toHaveLength(2);
  expect(seen.notifications[1]).toMatchObject({
    level: 'error',
    text: expect.stringMatching(/^127\.0\.0\.1 did not send the binding .*\(status 404\)/),
    buttons: ['Try Again', 'Show Log'],
  });
  expect(host?.requested).toHaveLength(1);
  expect(installation.isThere).toBe(false);
});

it('removes it', async () => {
  register(await supplyFrom(everything), NATIVE);
  press.button = 'Download';
  await setUp();
  await remove();
  expect(texts().at(-1)).toMatch(/^The TensorFlow backend was removed\. Models are computed on/);
  expect(installation.isThere).toBe(false);
  await remove();
  expect(texts().at(-1)).toBe('There is no TensorFlow backend that Layerglass set up.');
  expect(restarts).toBe(2);
});
