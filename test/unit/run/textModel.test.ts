import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { layerValues } from '../../../src/server/inspect/layerValues';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import type { MethodId } from '../../../src/shared/methods';

const MODEL = join(__dirname, '../../fixtures/layers/preprocessing/textvectorization__classifier.keras');
const folder = mkdtempSync(join(tmpdir(), 'layerglass-text-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a model that takes text is run and explained behind its embedding', async () => {
  const path = join(folder, 'text.txt');
  writeFileSync(path, 'The quick, brown FOX jumps over the lazy dog!\n');
  const inputs = [{ kind: 'file', path }] as const;
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id } = await session.open(MODEL);
  await session.run(id, inputs, { name: 'none' }, NO_CONTROL, async (run) => {
    expect(run.trace.at('in0').outputs[0]?.dataSync<'string'>()[0]).toMatch(/^The quick/);
    expect(run.trace.bytes).toBeGreaterThan(0);
    const ask = (method: MethodId) =>
      explainRun(
        run,
        {
          modelId: id,
          preprocessing: { name: 'none' },
          method,
          layer: 'auto',
          target: { index: 0, negative: false, score: 'logit' },
          labels: ['calm', 'lively'],
        },
        NO_CONTROL,
      );
    const { explanation, maps } = await ask('grad-cam');
    expect(explanation).toMatchObject({ layer: 'conv', inputValues: null, inputImage: null });
    // The map of 6 positions is drawn over the 8 tokens of the text.
    expect(maps[0]?.map.shape).toEqual([6]);
    expect(maps[0]?.display.shape).toEqual([8]);
    // Each position is three words.
    expect(explanation.placement).toEqual([{ centre: 1, stride: 1, window: 3 }]);
    // Text is explained at its embedding: one row of 4 features for each of 8 tokens.
    expect((await ask('saliency')).maps[0]?.raw.shape).toEqual([8, 4]);
    await expect(layerValues(run.trace, 'in0')).rejects.toThrow('Layer "in0" gives text');
    expect((await layerValues(run.trace, 'text')).post.max).toBeGreaterThan(1);
  });
  session.close(id);
});
