import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import { checkNumber } from '../../../src/server/tracing/checkNumber';
import { chain, traceOf } from '../run/memoryModel';

const SIGNAL = [1, 0, 2, 1, 0, 3, 4, 1, 1, 2, 3, 0];

/** Two filters of width 2 on two channels: the first is [[1, 2], [3, -1.5]] with bias 0.25, the second always gives 9.5. */
const model = chain(
  [6, 2],
  [
    {
      className: 'Conv1D',
      config: { name: 'conv', filters: 2, kernel_size: 2, activation: 'relu' },
      weights: [
        { shape: [2, 2, 2], values: [1, 0, 2, 0, 3, 0, -1.5, 0] },
        { shape: [2], values: [0.25, 9.5] },
      ],
    },
    { className: 'GlobalMaxPooling1D', config: { name: 'pooled' } },
  ],
);

let runtime: Runtime;
let trace: Trace;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  trace = await traceOf(runtime, model, { shape: [6, 2], values: SIGNAL });
});
afterAll(() => trace.dispose());

// The sums without the bias are 5.5, -0.5, 16.5, 6 and 14.
test.each([
  [16.75, 'No mistake: this is the value of the unit.'],
  [16.5, 'The bias is left out.'],
  [
    17.5,
    'The bias is counted 4 times, once for each of the 2 x 2 products of kernel and channels, instead of once.',
  ],
  [17, 'The bias is counted 2 times, once for each place of the kernel, instead of once.'],
  [17.25, 'The bias is counted 3 times instead of once.'],
  [16.25, 'The bias is subtracted instead of added.'],
  [1.75, 'The kernel is flipped: Keras does not mirror it (at the right position).'],
  [15.75, 'The kernel is flipped: Keras does not mirror it (the maximum is taken anew).'],
  [0, 'The window is one position too early.'],
  [6.25, 'The window is one position too late.'],
  [14.25, 'The order of the channels is reversed (the maximum is taken anew).'],
  [9.5, 'The filter is another one: this is the value of unit 1.'],
])('%d: %s', async (number, mistake) => {
  const [first] = await checkNumber(trace, 'pooled', 0, number, new Map(), NO_CONTROL);
  expect(first).toMatchObject({ mistake, error: 0 });
});

test('preprocessing that is left out', async () => {
  const raw = runtime.tf.tensor(
    SIGNAL.map((value) => 10 * value),
    [1, 6, 2],
    'float32',
  );
  const [first] = await checkNumber(trace, 'pooled', 0, 165.25, new Map([['x', raw]]), NO_CONTROL);
  raw.dispose();
  expect(first).toMatchObject({ mistake: 'The preprocessing of the input is left out.', error: 0 });
});

test('no tensor is left behind', async () => {
  const before = runtime.tf.memory().numTensors;
  await checkNumber(trace, 'pooled', 0, 1, new Map(), NO_CONTROL);
  expect(runtime.tf.memory().numTensors).toBe(before);
});
