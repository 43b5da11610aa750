import { describe, expect, test } from 'vitest';
import { defaultLayer, explainableNodes } from '../../../src/server/explain/layerChoice';
import { dense, failureOf, functional, graphOf, inputLayer, type LayerJson, merge, row } from './configs';

/** A model around `inner`, which is called twice, each time on the output of the call before. */
const twice = (inner: LayerJson, level: number): LayerJson =>
  functional(
    `m${level}`,
    [inputLayer('x', [null, 4]), { ...inner, inbound_nodes: [[['x', 0, 0, {}]], [[inner.name, 1, 0, {}]]] }],
    [['x', 0, 0]],
    [[inner.name, 2, 0]],
  );

const innermost = functional(
  'm0',
  [inputLayer('x', [null, 4]), dense('d', 4, [[['x', 0, 0, {}]]])],
  [['x', 0, 0]],
  [['d', 0, 0]],
);

function nested(levels: number, around: (inner: LayerJson, level: number) => LayerJson): LayerJson {
  let model = innermost;
  for (let level = 1; level <= levels; level++) model = around(model, level);
  return model;
}

describe('models that would unfold endlessly', () => {
  test('called twice at each of five levels is fine', () => {
    const graph = graphOf(nested(5, twice));
    expect(graph.params.total).toBe(20);
    expect([...graph.nodes.values()].filter((node) => node.name === 'd')).toHaveLength(32);
  });

  test('at each of twenty-five levels is refused', () => {
    const error = failureOf(() => graphOf(nested(25, twice)));
    expect(error.kind).toBe('too-large');
    expect(error.message).toMatch(/more than 100000 layer calls\.$/);
    expect(error.remedy).toBeTruthy();
  });

  test('with too many layers in a list is refused before any is read', () => {
    let looked = 0;
    const one = {
      class_name: 'Activation',
      get config() {
        looked++;
        return { activation: 'relu' };
      },
    };
    const config = { name: 'wide', layers: new Array<unknown>(240_000).fill(one) };
    const error = failureOf(() => graphOf({ class_name: 'Sequential', config } as unknown as LayerJson));
    expect(error).toMatchObject({ kind: 'too-large' });
    expect(error.message).toMatch(/more than 100000 layer calls\.$/);
    expect(looked).toBe(0);
  });

  test('also if the models contain no layers', () => {
    const empty = functional('m0', [], [], []);
    const around = (inner: LayerJson, level: number): LayerJson =>
      functional(`m${level}`, [{ ...inner, inbound_nodes: [[], []] }], [], []);
    let model = empty;
    for (let level = 1; level <= 28; level++) model = around(model, level);
    expect(failureOf(() => graphOf(model)).kind).toBe('too-large');
  });

  test('nested first Sequentials take time linear in their depth, not exponential', () => {
    let model: LayerJson = {
      class_name: 'Dense',
      config: { name: 'd', units: 2, batch_input_shape: [null, 4] },
    };
    for (let level = 0; level < 30; level++) {
      model = { class_name: 'Sequential', config: { name: `s${level}`, layers: [model] } };
    }
    const graph = graphOf(model);
    expect(graph.params.total).toBe(10);
    expect(graph.summary.inputs[0]?.shape).toEqual([null, 4]);
  });

  test('nesting deeper than any model is refused by name', () => {
    const once = (inner: LayerJson, level: number): LayerJson =>
      functional(
        `m${level}`,
        [inputLayer('x', [null, 4]), { ...inner, inbound_nodes: [[['x', 0, 0, {}]]] }],
        [['x', 0, 0]],
        [[inner.name, 1, 0]],
      );
    const error = failureOf(() => graphOf(nested(100, once)));
    expect(error.kind).toBe('bad-config');
    expect(error.message).toMatch(/nested more than 32 levels deep\.$/);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('a chain of ten thousand layers', () => {
  const LENGTH = 10_000;
  const chain = (order: 'forwards' | 'backwards'): LayerJson => {
    const layers = Array.from({ length: LENGTH }, (_, i) => ({
      class_name: 'Activation',
      name: `a${i}`,
      config: { name: `a${i}`, activation: 'relu' },
      inbound_nodes: [[[i === 0 ? 'x' : `a${i - 1}`, 0, 0, {}]]],
    }));
    const listed = order === 'forwards' ? layers : layers.reverse();
    const last = `a${LENGTH - 1}`;
    return functional('chain', [inputLayer('x', [null, 4, 4, 1]), ...listed], [['x', 0, 0]], [[last, 0, 0]]);
  };

  test.each(['forwards', 'backwards'] as const)('listed %s opens quickly', (order) => {
    const graph = graphOf(chain(order));
    expect(graph.summary.layers).toHaveLength(LENGTH + 1);
    expect([...graph.nodes.keys()].at(-1)).toBe(`a${LENGTH - 1}`);
  });

  test('finds its layers to explain quickly', () => {
    const graph = graphOf(chain('forwards'));
    expect(explainableNodes(graph, 0)).toHaveLength(LENGTH + 1);
    expect(defaultLayer(graph, 0)).toBe(`a${LENGTH - 2}`);
  });
});

describe('configs that contradict themselves', () => {
  test('two layers that take from each other', () => {
    const layers = [inputLayer('x', [null, 4]), merge('Add', 'a', ['x', 'b']), merge('Add', 'b', ['a'])];
    const error = failureOf(() => graphOf(functional('m', layers, [['x', 0, 0]], [['b', 0, 0]])));
    expect(error.kind).toBe('bad-config');
    expect(error.message).toMatch(/layer "[ab]" takes its own output\.$/);
  });

  test('a call that takes itself', () => {
    const layers = [inputLayer('x', [null, 4]), dense('d', 4, [[['d', 0, 0, {}]]])];
    const error = failureOf(() => graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]])));
    expect(error.message).toMatch(/layer "d" takes its own output/);
  });

  test.each([
    ['a call that does not exist', [[['x', 7, 0, {}]]], /layer "x" has no call 7/],
    ['a layer that does not exist', [[['y', 0, 0, {}]]], /from a layer that is not in the model/],
    ['a node that is not a list', [7], /inbound nodes cannot be read/],
  ])('a layer that takes from %s', (_, inbound, sentence) => {
    const layers = [inputLayer('x', [null, 4]), dense('d', 4, inbound)];
    const error = failureOf(() => graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]])));
    expect(error.kind).toBe('bad-config');
    expect(error.message).toMatch(sentence);
  });

  test('an output that a nested model does not have', () => {
    const inner = { ...innermost, inbound_nodes: [[['x', 0, 0, {}]]] };
    const layers = [inputLayer('x', [null, 4]), inner, dense('d', 4, [[['m0', 1, 3, {}]]])];
    const error = failureOf(() => graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]])));
    expect(error.message).toMatch(/"m0" has no output 3/);
  });

  test('two layers with the same name', () => {
    const layers = [inputLayer('x', [null, 4]), dense('d', 4, []), dense('d', 4, [])];
    const error = failureOf(() => graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]])));
    expect(error.message).toMatch(/two layers/);
    expect(error.remedy).toMatch(/save the model again/);
  });

  test('no outputs, no layers, no list', () => {
    const layers = [inputLayer('x', [null, 4])];
    expect(failureOf(() => graphOf(functional('m', layers, [['x', 0, 0]], undefined))).message).toMatch(
      /inputs and outputs/,
    );
    const empty = { class_name: 'Sequential', config: { name: 's', layers: [] } };
    expect(failureOf(() => graphOf(empty)).message).toMatch(/has no layers/);
    const odd = { class_name: 'Sequential', config: { name: 's', layers: [3] } };
    expect(failureOf(() => graphOf(odd)).message).toMatch(/list of layers cannot be read/);
  });

  test('a subclassed model is refused because its structure is code', () => {
    const error = failureOf(() =>
      graphOf({ class_name: 'MyNet', config: { width: 3 }, module: 'my.package' }, '3.15.1'),
    );
    expect(error.kind).toBe('bad-config');
    expect(error.message).toBe(
      'model.h5 contains a subclassed model (MyNet): its structure is Python code, which a file cannot contain.',
    );
    expect(error.remedy).toMatch(/Functional or Sequential/);
  });

  test('something that is not a config', () => {
    for (const topology of [null, 3, [], {}, { class_name: 3 }]) {
      expect(failureOf(() => graphOf(topology)).kind).toBe('bad-config');
    }
  });
});

describe('a layer that cannot be understood', () => {
  const around = (layer: LayerJson) =>
    graphOf(
      functional(
        'm',
        [
          inputLayer('x', [null, 4]),
          dense('before', 4, [[['x', 0, 0, {}]]]),
          { ...layer, name: 'odd', inbound_nodes: [[['before', 0, 0, {}]]] },
          dense('after', 4, [[['odd', 0, 0, {}]]]),
          dense('beside', 4, [[['before', 0, 0, {}]]]),
        ],
        [['x', 0, 0]],
        [
          ['after', 0, 0],
          ['beside', 0, 0],
        ],
      ),
    );

  test('of an unknown class: everything after it is unknown because of it', () => {
    const graph = around({ class_name: 'Lambda', config: { name: 'odd', function: ['code', null, null] } });
    expect(row(graph, 'odd')).toMatchObject({
      status: 'unknown',
      outputShapes: [null],
      unknownBecause: 'odd',
    });
    expect(row(graph, 'odd').notice).toMatch(/does not know the layer class "Lambda".*never runs code/);
    expect(row(graph, 'after')).toMatchObject({
      status: 'known',
      outputShapes: [null],
      unknownBecause: 'odd',
    });
    for (const path of ['before', 'beside']) {
      expect(row(graph, path)).toMatchObject({ status: 'known', outputShapes: [[null, 4]] });
      expect(row(graph, path).unknownBecause).toBeUndefined();
    }
    expect(graph.summary.outputs.map((output) => output.shape)).toEqual([null, [null, 4]]);
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('of class %s', (className) => {
    const graph = around({ class_name: className, config: {} });
    expect(row(graph, 'odd').status).toBe('unknown');
  });

  test('with invalid arguments: its row names them', () => {
    const graph = around({ class_name: 'Dense', config: { name: 'odd', dtype: 'float32', units: 'many' } });
    expect(row(graph, 'odd')).toMatchObject({ status: 'known', unknownBecause: 'odd' });
    expect(row(graph, 'odd').notice).toMatch(/"odd": argument "units" should be .* but is "many"/);
    expect(row(graph, 'after').unknownBecause).toBe('odd');
  });

  test('with sizes that do not fit into memory', () => {
    for (const units of [-1, 0, 1.5, 1e15, Number.POSITIVE_INFINITY]) {
      const graph = around({ class_name: 'Dense', config: { name: 'odd', units } });
      expect(row(graph, 'odd').params).toBeGreaterThanOrEqual(0);
    }
  });
});
