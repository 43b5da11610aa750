import { describe, expect, test } from 'vitest';
import type { GraphNode } from '../../../src/server/graph/graph';
import { dataFlowOf, skippedBranchNotice } from '../../../src/server/graph/keras/skippedBranches';
import { LayerConfig } from '../../../src/server/graph/layerConfig';

/** Lines `a -> b c`: b and c take a. Nodes are in the order in which they are first named. */
function nodes(...lines: string[]): Map<string, GraphNode> {
  const inputs = new Map<string, string[]>();
  for (const line of lines) {
    const [from = '', to = ''] = line.split(' -> ');
    if (!inputs.has(from)) inputs.set(from, []);
    for (const consumer of to.split(' ')) inputs.set(consumer, [...(inputs.get(consumer) ?? []), from]);
  }
  return new Map([...inputs].map(([path, sources]) => [path, node(path, sources)]));
}

const node = (path: string, sources: readonly string[]): GraphNode => ({
  path,
  layerPath: path,
  name: path,
  className: 'Dense',
  config: new LayerConfig({}, path, 3),
  inputs: sources.map((source) => ({ node: source, output: 0 })),
  call: { args: [], kwargs: {} },
  outputShapes: [null],
  known: true,
  multiplyAdds: 0,
});

const notice = (graph: Map<string, GraphNode>, outputs: string[], prefix = ''): string | null =>
  skippedBranchNotice(dataFlowOf(graph), {
    prefix,
    outputs: outputs.map((path) => ({ node: path, output: 0 })),
  });

/** A residual block: x, f1, f2 on one side, g on the other. */
const block = (end = 'add') =>
  nodes('in -> x', 'x -> f1', 'f1 -> f2', 'x -> g', `f2 -> ${end}`, `g -> ${end}`, `${end} -> out`);

describe('an output inside a branch whose other side is in the file', () => {
  test('names the branch and where both meet', () => {
    expect(notice(block(), ['f2', 'out'])).toBe(
      'Output 0 (f2) leaves out the parallel branch g; both meet at add.',
    );
    expect(notice(block(), ['g', 'out'])).toBe(
      'Output 0 (g) leaves out the parallel branch f1 … f2; both meet at add.',
    );
  });

  test('a shortcut is a branch without layers', () => {
    const residual = nodes('in -> x', 'x -> f', 'x -> add', 'f -> add', 'add -> out');
    expect(notice(residual, ['f', 'out'])).toBe(
      'Output 0 (f) leaves out the shortcut from x; both meet at add.',
    );
  });

  test('the last such output is named, with its index', () => {
    expect(notice(block(), ['in', 'f1', 'f2', 'add', 'out'])).toMatch(/^Output 2 \(f2\)/);
  });

  test('an output on every path leaves out nothing', () => {
    for (const path of ['in', 'x', 'add']) expect(notice(block(), [path, 'out'])).toBeNull();
  });

  test('another input of the model is not a branch of this one', () => {
    const pair = nodes('left -> a', 'right -> b', 'a -> join', 'b -> join');
    expect(notice(pair, ['a', 'join'])).toBeNull();
  });

  test('weighting an output by itself is not a parallel branch', () => {
    const squeeze = nodes('in -> x', 'x -> pool', 'pool -> gate', 'x -> mul', 'gate -> mul');
    expect(notice(squeeze, ['x', 'mul'])).toBeNull();
  });

  test('a mask is not a branch', () => {
    const graph = nodes('words -> embedding masks', 'embedding -> lstm', 'masks -> lstm', 'lstm -> out');
    const lstm = graph.get('lstm');
    if (!lstm) throw new Error('no lstm');
    const call = { args: [{ input: 0 }], kwargs: { mask: { input: 1 } } };
    graph.set('lstm', { ...lstm, call });
    expect(notice(graph, ['embedding', 'out'])).toBeNull();
  });
});

describe('branches that never meet', () => {
  const cut = nodes('in -> x', 'x -> f1', 'f1 -> f2', 'x -> g');

  test('a truncated model ends in two of them', () => {
    expect(notice(cut, ['in', 'x', 'f1', 'g', 'f2'])).toBe(
      'Output 4 (f2) leaves out the parallel branch g, which ends in output 3; they part at x and do not meet in this model.',
    );
  });

  test('two heads that are the only outputs do not count', () => {
    expect(notice(cut, ['f2', 'g'])).toBeNull();
    expect(notice(cut, ['in', 'f2', 'g'])).toBeNull();
  });

  test('branches from different inputs do not part', () => {
    expect(notice(nodes('left -> a', 'a -> b', 'right -> c'), ['a', 'b', 'c'])).toBeNull();
  });
});

test('only what is inside a nested model counts, and names are those inside', () => {
  const graph = nodes('x -> m/in', 'm/in -> m/a', 'm/a -> m/b', 'x -> side', 'm/b -> add', 'side -> add');
  expect(notice(graph, ['m/a', 'm/b'], 'm/')).toBeNull();
  const inner = nodes('x -> m/in', 'm/in -> m/a', 'm/a -> m/b m/c', 'm/b -> m/d', 'm/c -> m/d');
  expect(notice(inner, ['m/b', 'm/d'], 'm/')).toBe(
    'Output 0 (b) leaves out the parallel branch c; both meet at d.',
  );
});

test('a single output leaves out nothing, and one listed twice counts once', () => {
  expect(notice(block(), ['f2'])).toBeNull();
  expect(notice(block(), ['out', 'out'])).toBeNull();
});

test('thousands of layers and outputs are searched quickly', () => {
  const chain = nodes(...Array.from({ length: 20_000 }, (_, i) => `n${i} -> n${i + 1}`));
  const outputs = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
  expect(notice(chain, outputs)).toBeNull();
});
