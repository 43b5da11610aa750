import type { GraphDef, OpFunction, OpNode, OpRef } from './graphDef';

/** One loop of version 1: what stands in the frame of its `Enter` operations. */
interface Frame {
  readonly name: string;
  readonly enters: readonly OpNode[];
}

/** A value that goes round: what it begins with, what each round makes of it and where it leaves the loop. */
interface Variable {
  readonly initial: OpRef;
  readonly merge: OpNode;
  readonly next: OpRef;
  readonly switches: readonly OpNode[];
  readonly exits: readonly OpNode[];
}

/** Published models have a handful; each costs a walk through the graph. */
const MAX_FRAMES = 100;

/**
 * The graph with its loops of version 1 (`Enter`, `Merge`, `Switch`, `NextIteration`, `Exit`, which circle) as `While` operations
 * with a condition and a body, inner ones first, so that both kinds of loops are followed in one way. A frame that is not
 * built like a loop stays as it is.
 */
export function withLoops(def: GraphDef): GraphDef {
  if (![...def.nodes.values()].some(({ op }) => op === 'Enter')) return def;
  const nodes = new Map(def.nodes);
  const functions = new Map(def.functions);
  const frames = framesOf(nodes);
  if (frames.size > MAX_FRAMES) return def;
  let takers = takersOf(nodes);
  for (let found = true; found; ) {
    found = false;
    for (const frame of frames) {
      const loop = loopOf(frame, nodes, takers);
      if (loop === null) continue;
      frames.delete(frame);
      replaceBy(loop, nodes, functions);
      takers = takersOf(nodes);
      found = true;
    }
  }
  return { ...def, nodes, functions };
}

function framesOf(nodes: ReadonlyMap<string, OpNode>): Set<Frame> {
  const enters = new Map<string, OpNode[]>();
  for (const node of nodes.values()) {
    if (node.op !== 'Enter') continue;
    const name = String(node.attributes.frame_name ?? '');
    enters.set(name, [...(enters.get(name) ?? []), node]);
  }
  return new Set([...enters].map(([name, own]) => ({ name, enters: own })));
}

interface Loop {
  readonly name: string;
  readonly inputs: readonly OpRef[];
  readonly cond: OpFunction;
  readonly body: OpFunction;
  /** By the name of an `Exit`, which of the loop's outputs it is. */
  readonly exits: ReadonlyMap<string, number>;
  readonly gone: ReadonlySet<string>;
}

const keyOf = ({ node, output }: OpRef): string => `${node}:${output}`;

type Takers = ReadonlyMap<string, readonly OpNode[]>;

function loopOf({ name, enters }: Frame, nodes: ReadonlyMap<string, OpNode>, takers: Takers): Loop | null {
  const takersOfOne = (node: OpNode, op: string): OpNode[] =>
    (takers.get(node.name) ?? []).filter((taker) => taker.op === op);
  const variables: Variable[] = [];
  const invariants: OpNode[] = [];
  let condition: OpRef | undefined;
  for (const enter of enters) {
    const [initial] = enter.inputs;
    const [merge] = takersOfOne(enter, 'Merge');
    if (!initial) return null;
    if (!merge) {
      invariants.push(enter);
      continue;
    }
    const back = merge.inputs.map((ref) => nodes.get(ref.node)).find((node) => node?.op === 'NextIteration');
    const switches = takersOfOne(merge, 'Switch');
    const [next] = back?.inputs ?? [];
    const decides = switches[0]?.inputs[1];
    const loopCond = decides && nodes.get(decides.node);
    if (!next || loopCond?.op !== 'LoopCond' || !loopCond.inputs[0]) return null;
    condition = loopCond.inputs[0];
    const exits = switches.flatMap((one) => takersOfOne(one, 'Exit'));
    variables.push({ initial, merge, next, switches, exits });
  }
  if (!condition || variables.length === 0) return null;
  const merged = new Map(variables.map(({ merge }, i) => [keyOf({ node: merge.name, output: 0 }), i]));
  const passed = new Map(
    variables.flatMap(({ switches }, i) =>
      switches.map((one) => [keyOf({ node: one.name, output: 1 }), i] as const),
    ),
  );
  const constant = invariants.map(
    (enter, i) => [keyOf({ node: enter.name, output: 0 }), variables.length + i] as const,
  );
  const kept = invariants.map((enter) => ({ node: enter.name, output: 0 }));
  const cond = partOf([condition], new Map([...merged, ...constant]), nodes);
  const body = partOf(
    [...variables.map(({ next }) => next), ...kept],
    new Map([...passed, ...constant]),
    nodes,
  );
  if (!cond || !body) return null;
  const rounds = variables.flatMap(({ merge, switches }) => [
    merge.name,
    ...switches.map((one) => one.name),
    ...merge.inputs.map((ref) => ref.node),
  ]);
  return {
    name: name.replace(/\/while_context$/, ''),
    inputs: [
      ...variables.map(({ initial }) => initial),
      ...invariants.flatMap((enter) => enter.inputs.slice(0, 1)),
    ],
    cond,
    body,
    exits: new Map(variables.flatMap(({ exits }, i) => exits.map((exit) => [exit.name, i] as const))),
    gone: new Set([
      ...rounds,
      ...enters.map((enter) => enter.name),
      ...cond.nodes.keys(),
      ...body.nodes.keys(),
    ]),
  };
}

function takersOf(nodes: ReadonlyMap<string, OpNode>): Map<string, OpNode[]> {
  const takers = new Map<string, OpNode[]>();
  for (const node of nodes.values()) {
    for (const ref of node.inputs) {
      const known = takers.get(ref.node);
      if (known) known.push(node);
      else takers.set(ref.node, [node]);
    }
  }
  return takers;
}

/** Belong to a frame: a part of a graph that holds one of them has another loop in it, or is none of one. */
const FRAME: ReadonlySet<string> = new Set(['Enter', 'Exit', 'NextIteration', 'LoopCond', 'Placeholder']);

/** What computes `results` from `parameters`; `null` where it takes anything else from outside. */
function partOf(
  results: readonly OpRef[],
  parameters: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, OpNode>,
): OpFunction | null {
  const nodes = new Map<string, OpNode>();
  const open = [...results];
  for (let ref = open.pop(); ref; ref = open.pop()) {
    if (parameters.has(keyOf(ref)) || nodes.has(ref.node)) continue;
    const node = all.get(ref.node);
    if (!node || FRAME.has(node.op)) return null;
    nodes.set(node.name, node);
    open.push(...node.inputs);
  }
  return { parameters, results, nodes };
}

function replaceBy(loop: Loop, nodes: Map<string, OpNode>, functions: Map<string, OpFunction>): void {
  const { name, inputs, cond, body, exits, gone } = loop;
  const free = (wanted: string, taken: { has(name: string): boolean }): string =>
    taken.has(wanted) ? free(`${wanted}_`, taken) : wanted;
  for (const one of gone) {
    // Constants may be shared with what stands outside.
    if (nodes.get(one)?.op !== 'Const') nodes.delete(one);
  }
  const path = free(name === '' ? 'loop' : name, nodes);
  const [condName, bodyName] = [free(`${path}/cond`, functions), free(`${path}/body`, functions)];
  functions.set(condName, cond);
  functions.set(bodyName, body);
  nodes.set(path, { name: path, op: 'While', inputs, attributes: { cond: condName, body: bodyName } });
  for (const [exit, output] of exits) {
    nodes.set(exit, { name: exit, op: 'Identity', inputs: [{ node: path, output }], attributes: {} });
  }
  forgetDangling(nodes);
}

/** What took a value of a round and gave none back, such as a check, is left away. */
function forgetDangling(nodes: Map<string, OpNode>): void {
  const takers = takersOf(nodes);
  const lost = [...nodes.values()].filter(({ inputs }) => inputs.some((ref) => !nodes.has(ref.node)));
  for (let node = lost.pop(); node; node = lost.pop()) {
    if (nodes.delete(node.name)) lost.push(...(takers.get(node.name) ?? []));
  }
}
