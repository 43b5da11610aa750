import type { OpFunction, OpNode, OpRef } from './graphDef';
import { inOrder } from './opOrder';
import {
  isList,
  isListOperation,
  type ListHost,
  ListTrouble,
  listResults,
  type TensorList,
} from './tensorLists';

/** The graph that loops, branches and calls are written out into. */
export interface FlowHost extends Omit<ListHost, 'listAt' | 'add'> {
  /** Adds an operation; `folded` where it need not be listed if its values are known before the model runs. */
  add(node: OpNode, folded: boolean): void;
  /** Adds an operation that cannot be computed, and why. */
  addUnknown(node: OpNode, notice: string): void;
  /** How many operations there are. */
  readonly size: number;
  /** Takes away all but the first `size` operations. */
  shrinkTo(size: number): void;
}

/** A loop is written out into at most so many operations in all: each is kept, listed and walked back through. */
const MAX_UNROLLED = 20_000;
/** So many operations are looked at for it, those that only count rounds included. */
const MAX_STEPS = 100_000;
/** What they take and functions give: an operation or a function may have thousands of inputs and results in each round. */
const MAX_TAKEN = 1_000_000;
/** Functions call functions, loops stand in loops. */
const MAX_DEPTH = 32;

const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
const LOOPS: ReadonlySet<string> = new Set(['While', 'StatelessWhile']);
const BRANCHES: ReadonlySet<string> = new Set(['If', 'StatelessIf']);
/** Hand on what they get; where a loop is written out they are left away. */
const HANDS_ON: ReadonlySet<string> = new Set(['Identity', 'Enter', 'Exit', 'NextIteration', 'LoopCond']);

interface Plan {
  readonly order: readonly OpNode[];
  /** By name in the function. */
  readonly names: ReadonlyMap<string, string>;
}

/** Why a loop is not written out: a sentence about it. */
class FlowTrouble extends Error {
  override readonly name = 'FlowTrouble';
}

/**
 * Follows what decides which operations run, as far as it is decided before the model runs: loops whose rounds can be
 * counted become one scope a round (`loop@3/...`), branches of a known condition and calls the operations in them. Values
 * and gradients are then those of ordinary operations. The rest stays one operation, unknown, with a sentence.
 */
export class ControlFlow {
  /** What a value is in the graph, where it is another's, by `node:output`. */
  private readonly aliases = new Map<string, OpRef>();
  private readonly lists = new Map<string, TensorList>();
  /** Values of the branch that is not taken. */
  private readonly dead = new Set<string>();
  private readonly plans = new Map<OpFunction, Plan>();
  private readonly listHost: ListHost;
  private steps = 0;
  private taken = 0;
  private depth = 0;

  constructor(
    private readonly host: FlowHost,
    private readonly functions: ReadonlyMap<string, OpFunction>,
  ) {
    this.listHost = {
      listAt: (ref) => this.lists.get(keyOf(ref)),
      valuesOf: (ref) => host.valuesOf(ref),
      shapeOf: (ref) => host.shapeOf(ref),
      dtypeOf: (ref) => host.dtypeOf(ref),
      add: (node) => host.add(node, this.depth > 0),
      constant: (...of) => host.constant(...of),
    };
  }

  /** What a reference stands for: an output of an operation of the graph. */
  resolve(ref: OpRef): OpRef {
    return this.aliases.get(keyOf(ref)) ?? ref;
  }

  add(given: OpNode): void {
    const node = { ...given, inputs: given.inputs.map((ref) => this.resolve(ref)) };
    const { name, op, inputs } = node;
    const [first] = inputs;
    if (op === 'Merge' && this.merge(node)) return;
    if (inputs.some((ref) => this.isDead(ref))) {
      this.dead.add(name);
      return;
    }
    const handsOn = this.depth > 0 ? HANDS_ON.has(op) : op === 'Identity' && this.isListed(first);
    if (handsOn && first) this.alias(name, 0, first);
    else if (op === 'Switch') this.switch(node);
    else if (isListOperation(op)) this.list(node);
    else if (LOOPS.has(op)) this.orUnknown(node, () => this.loop(node));
    else if (BRANCHES.has(op)) this.orUnknown(node, () => this.branch(node));
    else if (CALLS.has(op)) this.orUnknown(node, () => this.give(node, this.call(node, 'f', inputs, name)));
    else this.host.add(node, this.depth > 0);
  }

  private unknown(node: OpNode, why: string): void {
    this.host.addUnknown(node, `${why} What comes before it works; what follows it is unknown.`);
  }

  private isListed(ref: OpRef | undefined): boolean {
    return ref !== undefined && this.lists.has(keyOf(ref));
  }

  private isDead(ref: OpRef): boolean {
    return this.dead.has(ref.node) || this.dead.has(keyOf(ref));
  }

  private alias(name: string, output: number, ref: OpRef): void {
    this.aliases.set(keyOf({ node: name, output }), ref);
  }

  private give({ name }: OpNode, results: readonly OpRef[]): void {
    for (const [output, ref] of results.entries()) this.alias(name, output, ref);
  }

  /** `tf.cond` of version 1: the value goes to output 1 where the condition holds. */
  private switch(node: OpNode): void {
    const [data, condition] = node.inputs;
    const [holds = null] = (condition && this.host.valuesOf(condition)) ?? [];
    if (!data || holds === null) {
      this.unknown(node, branchNotice(node.op));
      return;
    }
    const taken = holds === 0 ? 0 : 1;
    this.alias(node.name, taken, data);
    this.dead.add(keyOf({ node: node.name, output: 1 - taken }));
  }

  /** The branch that was taken goes on. */
  private merge(node: OpNode): boolean {
    const live = node.inputs.filter((ref) => !this.isDead(ref));
    const [only] = live;
    if (live.length !== 1 || node.inputs.length < 2 || !only) return false;
    this.alias(node.name, 0, only);
    return true;
  }

  private list(node: OpNode): void {
    try {
      for (const [output, result] of listResults(node, this.listHost).entries()) {
        const ref = { node: node.name, output };
        if (isList(result)) this.lists.set(keyOf(ref), result);
        else if (keyOf(result) !== keyOf(ref)) this.alias(node.name, output, result);
      }
    } catch (thrown) {
      if (!(thrown instanceof ListTrouble)) throw thrown;
      this.unknown(node, `${node.op} works on a list of tensors, and ${thrown.message}`);
    }
  }

  private orUnknown(node: OpNode, work: () => void): void {
    const { size } = this.host;
    this.depth++;
    try {
      work();
    } catch (thrown) {
      if (!(thrown instanceof FlowTrouble)) throw thrown;
      this.host.shrinkTo(size);
      this.unknown(node, thrown.message);
    } finally {
      this.depth--;
    }
  }

  private branch(node: OpNode): void {
    const [condition, ...args] = node.inputs;
    const [holds = null] = (condition && this.host.valuesOf(condition)) ?? [];
    if (holds === null) throw new FlowTrouble(branchNotice(node.op));
    this.give(node, this.call(node, holds === 0 ? 'else_branch' : 'then_branch', args, node.name));
  }

  private loop(node: OpNode): void {
    let values: readonly OpRef[] = node.inputs;
    const before = this.host.size;
    for (let round = 1; ; round++) {
      const { size } = this.host;
      const [goesOn] = this.call(node, 'cond', values, `${node.name}@${round}/condition`);
      const [holds = null] = (goesOn && this.host.valuesOf(goesOn)) ?? [];
      if (holds === null) {
        throw new FlowTrouble(
          `How often the loop "${node.name}" runs is decided by values that the model computes.`,
        );
      }
      // Only its answer is needed.
      this.host.shrinkTo(size);
      if (holds === 0) break;
      values = this.call(node, 'body', values, `${node.name}@${round}`);
      if (this.host.size - before > MAX_UNROLLED) throw new FlowTrouble(tooLong(node));
    }
    this.give(node, values);
  }

  /** Adds the operations of a function under `scope`; @returns what its results are. */
  private call(node: OpNode, attribute: string, args: readonly OpRef[], scope: string): readonly OpRef[] {
    const name = String(node.attributes[attribute] ?? '');
    const called = this.functions.get(name);
    if (!called)
      throw new FlowTrouble(`${node.op} calls the function "${name}", which the file does not hold.`);
    if (this.depth > MAX_DEPTH) throw new FlowTrouble(`${node.op} stands ${MAX_DEPTH} functions deep.`);
    const { order, names } = this.planOf(called);
    const bound = (ref: OpRef): OpRef => {
      const parameter = called.parameters.get(keyOf(ref));
      if (parameter === undefined) return { node: `${scope}/${names.get(ref.node)}`, output: ref.output };
      const given = args[parameter];
      if (!given) throw new FlowTrouble(`${node.op} gives the function "${name}" too few values.`);
      return given;
    };
    // A call is a step, too: a function may hand on what it gets without any operation, for ever.
    this.count(node, called.results.length);
    for (const inner of order) {
      this.count(node, inner.inputs.length);
      const path = `${scope}/${names.get(inner.name)}`;
      this.add({ ...inner, name: path, origin: inner.origin ?? inner.name, inputs: inner.inputs.map(bound) });
    }
    return called.results.map((ref) => this.resolve(bound(ref)));
  }

  private count(node: OpNode, taken: number): void {
    this.steps++;
    this.taken += taken;
    if (this.steps > MAX_STEPS || this.taken > MAX_TAKEN) throw new FlowTrouble(tooLong(node));
  }

  /** What a function's results need (checks and the like are left away), and what each of it is called in a scope. */
  private planOf(called: OpFunction): Plan {
    const known = this.plans.get(called);
    if (known) return known;
    const starts = called.results.flatMap((ref) => called.nodes.get(ref.node) ?? []);
    const order = inOrder(called.nodes, starts);
    const around = scopeAround(order);
    const names = new Map<string, string>();
    const taken = new Set<string>();
    for (const { name } of order) {
      const short = name.startsWith(around) ? name.slice(around.length) : name;
      const free = taken.has(short) ? name : short;
      taken.add(free);
      names.set(name, free);
    }
    const plan = { order, names };
    this.plans.set(called, plan);
    return plan;
  }
}

const keyOf = ({ node, output }: OpRef): string => `${node}:${output}`;

const branchNotice = (op: string): string =>
  `${op} is a branch, and which one is taken is decided by values that the model computes.`;

const tooLong = ({ name }: OpNode): string =>
  `The loop "${name}" runs so often that it would become more than ${MAX_UNROLLED} operations.`;

/** The scope that the names of all of a function's operations begin with, with its slash; '' for none. */
function scopeAround(order: readonly OpNode[]): string {
  const names = order.filter(({ op }) => op !== 'Const').map(({ name }) => name);
  const [first = ''] = names;
  let shared = first.slice(0, first.lastIndexOf('/') + 1);
  for (const name of names) {
    while (shared !== '' && !name.startsWith(shared)) {
      shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
    }
  }
  return shared;
}
