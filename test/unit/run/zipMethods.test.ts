import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const FIXTURES = join(__dirname, '../../fixtures');

/** Every value of a run of the toy, by node. */
async function valuesOf(model: string, archive: string): Promise<[string, number[]][]> {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id } = await session.open(join(FIXTURES, model));
  const input = { kind: 'file', path: join(FIXTURES, archive), member: 'input.0' } as const;
  const values = await session.run(id, [input], { name: 'none' }, NO_CONTROL, async ({ trace }) =>
    [...trace.graph.nodes.keys()].map((node): [string, number[]] => [
      node,
      [...(trace.at(node).outputs[0]?.dataSync() ?? [])],
    ]),
  );
  session.close(id);
  return values;
}

test.each([
  ['bzip2.keras', 'bzip2.npz'],
  ['lzma.keras', 'lzma.npz'],
  ['mixed.keras', 'deflated.npz'],
])('%s on %s computes what the stored model computes', async (model, archive) => {
  const stored = await valuesOf('golden/toy.keras', 'golden/toy.npz');
  expect(stored.at(-1)?.[1]).toEqual([54, 54, 54, 54]);
  expect(await valuesOf(`zip_methods/${model}`, `zip_methods/${archive}`)).toEqual(stored);
});
