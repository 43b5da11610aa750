import { expect, test } from 'vitest';
import { dtypeOf, precisionNotices } from '../../../src/server/graph/keras/precision';
import { dense, functional, graphOf, inputLayer } from './configs';

test.each([
  ['a name', 'float64', 'float64'],
  ['a policy', { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } }, 'mixed_float16'],
  [
    'a quantized policy',
    { class_name: 'QuantizedDTypePolicy', config: { mode: 'int8', source_name: 'float32' } },
    'int8_from_float32',
  ],
  [
    'a map of policies',
    {
      class_name: 'DTypePolicyMap',
      config: { default_policy: { class_name: 'DTypePolicy', config: { name: 'bfloat16' } }, policy_map: {} },
    },
    'bfloat16',
  ],
  ['nothing', undefined, 'float32'],
  ['nonsense', { config: [1] }, 'float32'],
])('%s', (_, dtype, name) => {
  expect(dtypeOf({ dtype })).toBe(name);
});

test('every precision but float32 is one sentence, without inputs and repeated calls', () => {
  const of = (dtype: string, name: string, from: string) => {
    const layer = dense(name, 4, [[[from, 0, 0, {}]]]);
    return { ...layer, config: { ...layer.config, dtype } };
  };
  const twice = of('float64', 'd', 'c');
  const layers = [
    inputLayer('x', [null, 4]),
    of('mixed_float16', 'a', 'x'),
    of('mixed_float16', 'b', 'a'),
    of('float32', 'c', 'b'),
    { ...twice, inbound_nodes: [[['c', 0, 0, {}]], [['d', 0, 0, {}]]] },
  ];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['d', 1, 0]]));
  expect(graph.summary.notices).toEqual([
    '2 layers of mixed_float16 (a, b): Layerglass computes in float32.',
    '1 layer of float64 (d): Layerglass computes in float32.',
  ]);
  const many = Array.from({ length: 5 }, (_, i) => ({ ...graph.summary.layers[1], path: `l${i}` }));
  expect(precisionNotices(many as typeof graph.summary.layers)).toEqual([
    '5 layers of mixed_float16 (l0, l1, l2 and 2 more): Layerglass computes in float32.',
  ]);
});
