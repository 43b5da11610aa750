import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const FOLDER = join(__dirname, '../../fixtures/graph_models');

test('an input without values has nothing to explain', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-'));
  const path = join(folder, 'model.json');
  copyFileSync(join(FOLDER, 'op-sum.bin'), join(folder, 'op-sum.bin'));
  const text = readFileSync(join(FOLDER, 'op-sum.json'), 'utf8');
  writeFileSync(path, text.replace('{"size":"3"}', '{"size":"0"}'));
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  try {
    const { id } = await session.open(path);
    const inputs = [{ kind: 'random', seed: 1 }] as const;
    const preprocessing = { name: 'none' } as const;
    const question = {
      modelId: id,
      inputs,
      preprocessing,
      layer: 'auto',
      target: { index: 'auto' },
    } as const;
    const explained = session.run(id, inputs, preprocessing, NO_CONTROL, (run) =>
      explainRun(run, { ...question, method: 'saliency' }, NO_CONTROL),
    );
    await expect(explained).rejects.toMatchObject({
      error: {
        kind: 'not-applicable',
        message: 'There is nothing to explain at "x": its shape 0 x 4 holds no values.',
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
