import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import * as protocol from '../../../src/shared/protocol';
import type { Mark } from '../../../src/shared/timeLine';
import { fixture } from '../cliProcess';
import { saliency, startServer, value } from '../serverProcess';

const SERVER = resolve(import.meta.dirname, '../../../dist/server.js');
const TOY = fixture('golden/toy.keras');

test('what server and compute process reach before the first answer, the warm-up included', async () => {
  const server = await startServer(SERVER, { backend: 'wasm' });
  const reached: Mark[] = [];
  server.connection.onNotification(protocol.reached.method, (mark: Mark) => reached.push(mark));
  const names = () => reached.map(({ name }) => name);
  const { modelId } = value(await server.request(protocol.openModel, { path: TOY }));
  await server.connection.sendNotification(protocol.willExplain.method, { path: TOY });
  await vi.waitFor(() => expect(names()).toContain('compute: warmed up'), { timeout: 30_000 });
  const explain = async () => {
    const explained = await server.request(protocol.explain, saliency(modelId));
    return value(explained).timings.load;
  };
  // The warm-up has read the weights.
  expect(await explain()).toBe(0);
  const inOrder = [...reached].sort((a, b) => a.at - b.at).map(({ name }) => name);
  for (const name of ['server: code loaded', 'server: model opened']) expect(inOrder).toContain(name);
  expect(inOrder.filter((name) => name.startsWith('compute'))).toEqual([
    'compute: process',
    'compute: code loaded',
    'compute: backend started',
    'compute: model prepared',
    'compute: warmed up',
    'compute: request',
    'compute: weights read, forward pass',
    'compute: explained',
  ]);
  const { length } = reached;
  await explain();
  expect(reached).toHaveLength(length);
  await server.stop();
});
