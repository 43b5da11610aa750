import { expect, test } from 'vitest';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf, inputLayer } from '../graph/configs';
import { ask, storeOf, traceOf } from '../run/memoryModel';

/** A model of one operation on one input, which it may take twice. */
const modelOf = (className: string, config: Record<string, unknown>, length: number, times = 1) => ({
  graph: graphOf({
    class_name: 'Functional',
    config: {
      name: 'model',
      layers: [
        inputLayer('x', [null, length]),
        {
          class_name: className,
          name: 'layer',
          config: { name: 'layer', ...config },
          inbound_nodes: [new Array(times).fill(['x', 0, 0, {}])],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['layer', 0, 0]],
    },
  }),
  store: storeOf(new Map()),
});
const start = () => startBackend({ backend: 'cpu', nativePath: '', strict: true });

test('an operation without effect has values of its own, which stay when those of its operand are freed', async () => {
  const runtime = await start();
  const { graph, store } = modelOf('ops.Pad', { pad_width: 0, mode: 'reflect' }, 3);
  const x = runtime.tf.tensor([1, 2, 3], [1, 3]);
  const keep = new Set(['layer']);
  const trace = await runForward(runtime, graph, new WeightCache(runtime, graph, store), [x], NO_CONTROL, {
    keep,
  });
  expect([...(trace.at('layer').outputs[0]?.dataSync() ?? [])]).toEqual([1, 2, 3]);
  trace.dispose();
  x.dispose();
});

test('a value that holds every pair of examples is computed one example at a time', async () => {
  const length = 100;
  const trace = await traceOf(await start(), modelOf('ops.Outer', {}, length, 2), {
    shape: [length],
    values: Array.from({ length }, (_, i) => i / length),
  });
  const kilobytes = process.resourceUsage().maxRSS;
  const { header } = await ask(trace, { method: 'occlusion', options: { window: 1 } });
  expect(header.cost.forward).toBeGreaterThan(length);
  // Of 101 examples together the value would take 408 MB.
  expect(process.resourceUsage().maxRSS - kilobytes).toBeLessThan(200_000);
  trace.dispose();
});
