import type { GraphDef, OpFunction, OpNode, OpRef } from './graphDef';

/** One loop of TensorFlow 1: the frame of its `Enter` operations. */
interface Frame {
  readonly name: string;
  readonly enters: readonly OpNode[];
}

/** A loop variable: its initial value, its value after each iteration and where it leaves the loop. */
interface Variable {
  readonly initial: OpRef;
  readonly merge: OpNode;
  readonly next: OpRef;
  readonly switches: readonly OpNode[];
  readonly exits: readonly OpNode[];
}

/** Published models have a handful; each costs a pass over the graph. */
const MAX_FRAMES = 100;

/**
 * Replaces the loops of TensorFlow 1 (cycles of `Enter`, `Merge`, `Switch`, `NextIteration` and `Exit`) by `While` operations
 * with a condition and a body, inner ones first, so that both kinds of loops are unrolled by the same code. A frame that is not
 * built like a loop stays as it is.
 */
export function withWhileLoops(def: GraphDef): GraphDef {
  if (![...def.nodes.values()].some(({ op }) => op === 'Enter')) return def;
  const nodes = new Map(def.nodes);
  const functions = new Map(def.functions);
  const frames = framesOf(nodes);
  if (frames.size > MAX_FRAMES) return def;
  let consumers = consumersByNode(nodes);
  for (let found = true; found; ) {
    found = false;
    for (const frame of frames) {
      const loop = loopOf(frame, nodes, consumers);
      if (loop === null) continue;
      frames.delete(frame);
      replaceByWhile(loop, nodes, functions);
      consumers = consumersByNode(nodes);
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
  /** The index of the loop's output, by name of the `Exit`. */
  readonly exits: ReadonlyMap<string, number>;
  readonly removed: ReadonlySet<string>;
}

const keyOf = ({ node, output }: OpRef): string => `${node}:${output}`;

type Consumers = ReadonlyMap<string, readonly OpNode[]>;

function loopOf(
  { name, enters }: Frame,
  nodes: ReadonlyMap<string, OpNode>,
  consumers: Consumers,
): Loop | null {
  const consumersOf = (node: OpNode, op: string): OpNode[] =>
    (consumers.get(node.name) ?? []).filter((consumer) => consumer.op === op);
  const variables: Variable[] = [];
  const invariants: OpNode[] = [];
  let condition: OpRef | undefined;
  for (const enter of enters) {
    const [initial] = enter.inputs;
    const [merge] = consumersOf(enter, 'Merge');
    if (!initial) return null;
    if (!merge) {
      invariants.push(enter);
      continue;
    }
    const back = merge.inputs.map((ref) => nodes.get(ref.node)).find((node) => node?.op === 'NextIteration');
    const switches = consumersOf(merge, 'Switch');
    const [next] = back?.inputs ?? [];
    const decides = switches[0]?.inputs[1];
    const loopCond = decides && nodes.get(decides.node);
    if (!next || loopCond?.op !== 'LoopCond' || !loopCond.inputs[0]) return null;
    condition = loopCond.inputs[0];
    const exits = switches.flatMap((one) => consumersOf(one, 'Exit'));
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
  const cycle = variables.flatMap(({ merge, switches }) => [
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
    removed: new Set([
      ...cycle,
      ...enters.map((enter) => enter.name),
      ...cond.nodes.keys(),
      ...body.nodes.keys(),
    ]),
  };
}

function consumersByNode(nodes: ReadonlyMap<string, OpNode>): Map<string, OpNode[]> {
  const consumers = new Map<string, OpNode[]>();
  for (const node of nodes.values()) {
    for (const ref of node.inputs) {
      const known = consumers.get(ref.node);
      if (known) known.push(node);
      else consumers.set(ref.node, [node]);
    }
  }
  return consumers;
}

/** Operations of a frame: a part of a graph with one of them contains another loop, or is not part of a loop. */
const FRAME: ReadonlySet<string> = new Set(['Enter', 'Exit', 'NextIteration', 'LoopCond', 'Placeholder']);

/** The operations that compute `results` from `parameters`; `null` where they need anything else from outside. */
function partOf(
  results: readonly OpRef[],
  parameters: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, OpNode>,
): OpFunction | null {
  const nodes = new Map<string, OpNode>();
  const pending = [...results];
  for (let ref = pending.pop(); ref; ref = pending.pop()) {
    if (parameters.has(keyOf(ref)) || nodes.has(ref.node)) continue;
    const node = all.get(ref.node);
    if (!node || FRAME.has(node.op)) return null;
    nodes.set(node.name, node);
    pending.push(...node.inputs);
  }
  return { parameters, results, nodes };
}

function replaceByWhile(loop: Loop, nodes: Map<string, OpNode>, functions: Map<string, OpFunction>): void {
  const { name, inputs, cond, body, exits, removed } = loop;
  const unused = (name: string, taken: { has(key: string): boolean }): string =>
    taken.has(name) ? unused(`${name}_`, taken) : name;
  for (const one of removed) {
    // Constants may be shared with operations outside the loop.
    if (nodes.get(one)?.op !== 'Const') nodes.delete(one);
  }
  const path = unused(name === '' ? 'loop' : name, nodes);
  const [condName, bodyName] = [unused(`${path}/cond`, functions), unused(`${path}/body`, functions)];
  functions.set(condName, cond);
  functions.set(bodyName, body);
  nodes.set(path, { name: path, op: 'While', inputs, attributes: { cond: condName, body: bodyName } });
  for (const [exit, output] of exits) {
    nodes.set(exit, { name: exit, op: 'Identity', inputs: [{ node: path, output }], attributes: {} });
  }
  removeDangling(nodes);
}

/** Removes operations that took a value inside a loop but are not part of it, such as checks. */
function removeDangling(nodes: Map<string, OpNode>): void {
  const consumers = consumersByNode(nodes);
  const dangling = [...nodes.values()].filter(({ inputs }) => inputs.some((ref) => !nodes.has(ref.node)));
  for (let node = dangling.pop(); node; node = dangling.pop()) {
    if (nodes.delete(node.name)) dangling.push(...(consumers.get(node.name) ?? []));
  }
}
