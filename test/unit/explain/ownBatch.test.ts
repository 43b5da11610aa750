import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const FOLDER = join(__dirname, '../../fixtures/graph_models');

// The initial states of its LSTM are constants of two rows: one example becomes two rows of scores.
test('in a model with a batch of its own only the first row is explained', async () => {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id } = await session.open(join(FOLDER, 'loop-frames-lstm.json'));
  const inputs = [{ kind: 'random', seed: 1 }] as const;
  const preprocessing = { name: 'none' } as const;
  const found = await session.run(id, inputs, preprocessing, NO_CONTROL, (run) =>
    explainRun(
      run,
      {
        modelId: id,
        preprocessing,
        method: 'integrated-gradients',
        layer: 'auto',
        target: { index: 'auto' },
      },
      NO_CONTROL,
    ),
  );
  session.close(id);
  expect(found.header.completeness).toBeLessThan(0.01);
});
