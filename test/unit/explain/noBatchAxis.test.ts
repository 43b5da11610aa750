import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const FOLDER = join(__dirname, '../../fixtures/layers/preprocessing');

test.each(['kernel-shap', 'lime', 'feature-ablation'] as const)(
  '%s changes a value without a batch axis one example at a time',
  async (method) => {
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
    const { id } = await session.open(join(FOLDER, 'categoryencoding__multi_hot_rank1.keras'));
    const inputs = [{ kind: 'random', seed: 1 }] as const;
    const preprocessing = { name: 'none' } as const;
    const found = await session.run(id, inputs, preprocessing, NO_CONTROL, (run) =>
      explainRun(
        run,
        { modelId: id, preprocessing, method, layer: 'auto', target: { index: 'auto' } },
        NO_CONTROL,
      ),
    );
    session.close(id);
    expect(found.header.method).toBe(method);
  },
);
