import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import type { MethodId } from '../../../src/shared/methods';

const GOLDEN = join(__dirname, '../../fixtures/golden');
const folder = mkdtempSync(join(tmpdir(), 'layerglass-nan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an input with NaN runs, is explained, and its notice comes along', async () => {
  const bytes = readFileSync(join(GOLDEN, 'x.npy'));
  bytes.writeFloatLE(Number.NaN, bytes.length - 4);
  const path = join(folder, 'x.npy');
  writeFileSync(path, bytes);
  const inputs = [{ kind: 'file' as const, path }];
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id } = await session.open(join(GOLDEN, 'toy.keras'));
  await session.run(id, inputs, { name: 'none' }, NO_CONTROL, async (run) => {
    const [out] = run.trace.graph.outputs;
    const values = [...(run.trace.at(out?.node ?? '').outputs[0]?.dataSync() ?? [])];
    expect(values.some(Number.isNaN)).toBe(true);
    const ask = (method: MethodId) =>
      explainRun(
        run,
        {
          modelId: id,
          preprocessing: { name: 'none' },
          method,
          layer: 'auto',
          target: { index: 0, negative: false, score: 'logit' },
          labels: [],
        },
        NO_CONTROL,
      );
    for (const method of ['grad-cam', 'saliency'] as const) {
      const { header } = await ask(method);
      expect(header.notices.join()).toContain('1 value that is NaN or infinite in float32');
    }
  });
  session.close(id);
});
