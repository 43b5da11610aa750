import * as l10n from '@vscode/l10n';
import type { OpFunction, OpNode, OpRef } from './graphDef';
import { operationsInOrder } from './opOrder';
import {
  isList,
  isListOperation,
  type ListHost,
  listResults,
  type TensorList,
  TensorListError,
} from './tensorLists';

/** The graph that loops, branches and calls are unrolled into. */
export interface ControlFlowHost extends Omit<ListHost, 'listAt' | 'add'> {
  /** Adds an operation. @param folded whether it becomes a constant if its values are known before the model runs. */
  add(node: OpNode, folded: boolean): void;
  /** Adds an operation that cannot be computed. @param notice why. */
  addUnknown(node: OpNode, notice: string): void;
  /** The number of operations. */
  readonly size: number;
  /** Removes all but the first `size` operations. */
  shrinkTo(size: number): void;
}

/** Operations that one loop may become: each is kept, listed and part of every backward walk. */
const MAX_UNROLLED = 20_000;
/** Operations visited for all of them, including those that only count iterations. */
const MAX_STEPS = 100_000;
/** Inputs and results of those operations and functions: each may have thousands, in every iteration. */
const MAX_REFERENCES = 1_000_000;
/** Nesting of calls and loops. */
const MAX_DEPTH = 32;

const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
const LOOPS: ReadonlySet<string> = new Set(['While', 'StatelessWhile']);
const BRANCHES: ReadonlySet<string> = new Set(['If', 'StatelessIf']);
/** Operations that pass their input through; they are left out of an unrolled loop. */
const PASS_THROUGH: ReadonlySet<string> = new Set(['Identity', 'Enter', 'Exit', 'NextIteration', 'LoopCond']);

/** A function's operations as they are added at each call. */
interface Plan {
  readonly order: readonly OpNode[];
  /** The name of each operation below the scope of the call, by its name in the function. */
  readonly names: ReadonlyMap<string, string>;
}

/** Why a loop, branch or call is not unrolled; the message is one sentence. */
class ControlFlowError extends Error {
  override readonly name = 'ControlFlowError';
}

/**
 * Follows control flow as far as it is decided before the model runs. Loops whose iterations can be counted become one scope
 * per iteration (`loop@3/...`); calls, and branches of a known condition, become the operations in them. Values and gradients
 * are then those of ordinary operations. Any other loop or branch stays one unknown operation with a notice.
 */
export class ControlFlow {
  /** Outputs that are the same value as another output, by `node:output`. */
  private readonly aliases = new Map<string, OpRef>();
  private readonly lists = new Map<string, TensorList>();
  /** Outputs and operations of branches that are not taken. */
  private readonly dead = new Set<string>();
  private readonly plans = new Map<OpFunction, Plan>();
  private readonly listHost: ListHost;
  private steps = 0;
  private references = 0;
  private depth = 0;

  constructor(
    private readonly host: ControlFlowHost,
    private readonly functions: ReadonlyMap<string, OpFunction>,
  ) {
    this.listHost = {
      listAt: (ref) => this.lists.get(keyOf(ref)),
      valuesOf: (ref) => host.valuesOf(ref),
      shapeOf: (ref) => host.shapeOf(ref),
      dtypeOf: (ref) => host.dtypeOf(ref),
      add: (node) => host.add(node, this.depth > 0),
      constant: (...args) => host.constant(...args),
    };
  }

  /** The output of an operation of the graph that a reference leads to. */
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
    const isPassThrough = this.depth > 0 ? PASS_THROUGH.has(op) : op === 'Identity' && this.isList(first);
    if (isPassThrough && first) this.alias(name, 0, first);
    else if (op === 'Switch') this.switch(node);
    else if (isListOperation(op)) this.list(node);
    else if (LOOPS.has(op)) this.orUnknown(node, () => this.loop(node));
    else if (BRANCHES.has(op)) this.orUnknown(node, () => this.branch(node));
    else if (CALLS.has(op))
      this.orUnknown(node, () => this.setResults(node, this.call(node, 'f', inputs, name)));
    else this.host.add(node, this.depth > 0);
  }

  private addUnknown(node: OpNode, why: string): void {
    this.host.addUnknown(node, l10n.t('{0} What comes before it works; what follows it is unknown.', why));
  }

  private isList(ref: OpRef | undefined): boolean {
    return ref !== undefined && this.lists.has(keyOf(ref));
  }

  private isDead(ref: OpRef): boolean {
    return this.dead.has(ref.node) || this.dead.has(keyOf(ref));
  }

  private alias(name: string, output: number, ref: OpRef): void {
    this.aliases.set(keyOf({ node: name, output }), ref);
  }

  private setResults({ name }: OpNode, results: readonly OpRef[]): void {
    for (const [output, ref] of results.entries()) this.alias(name, output, ref);
  }

  /** `tf.cond` of version 1: the value goes to output 1 where the condition holds. */
  private switch(node: OpNode): void {
    const [data, condition] = node.inputs;
    const [holds = null] = (condition && this.host.valuesOf(condition)) ?? [];
    if (!data || holds === null) {
      this.addUnknown(node, branchNotice(node.op));
      return;
    }
    const taken = holds === 0 ? 0 : 1;
    this.alias(node.name, taken, data);
    this.dead.add(keyOf({ node: node.name, output: 1 - taken }));
  }

  /** Passes the branch that was taken through. @returns false where it is unknown which one that is. */
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
      if (!(thrown instanceof TensorListError)) throw thrown;
      this.addUnknown(node, l10n.t('{0} works on a list of tensors, and {1}', node.op, thrown.message));
    }
  }

  private orUnknown(node: OpNode, work: () => void): void {
    const { size } = this.host;
    this.depth++;
    try {
      work();
    } catch (thrown) {
      if (!(thrown instanceof ControlFlowError)) throw thrown;
      this.host.shrinkTo(size);
      this.addUnknown(node, thrown.message);
    } finally {
      this.depth--;
    }
  }

  private branch(node: OpNode): void {
    const [condition, ...args] = node.inputs;
    const [holds = null] = (condition && this.host.valuesOf(condition)) ?? [];
    if (holds === null) throw new ControlFlowError(branchNotice(node.op));
    this.setResults(node, this.call(node, holds === 0 ? 'else_branch' : 'then_branch', args, node.name));
  }

  private loop(node: OpNode): void {
    let values: readonly OpRef[] = node.inputs;
    const before = this.host.size;
    for (let iteration = 1; ; iteration++) {
      const { size } = this.host;
      const [condition] = this.call(node, 'cond', values, `${node.name}@${iteration}/condition`);
      const [holds = null] = (condition && this.host.valuesOf(condition)) ?? [];
      if (holds === null) {
        throw new ControlFlowError(
          l10n.t('How often the loop "{0}" runs is decided by values that the model computes.', node.name),
        );
      }
      // Only the value of the condition is needed, not its operations.
      this.host.shrinkTo(size);
      if (holds === 0) break;
      values = this.call(node, 'body', values, `${node.name}@${iteration}`);
      if (this.host.size - before > MAX_UNROLLED) throw new ControlFlowError(tooLongNotice(node));
    }
    this.setResults(node, values);
  }

  /** Adds the operations of a function under `scope`. @returns its results. */
  private call(node: OpNode, attribute: string, args: readonly OpRef[], scope: string): readonly OpRef[] {
    const name = String(node.attributes[attribute] ?? '');
    const called = this.functions.get(name);
    if (!called)
      throw new ControlFlowError(
        l10n.t('{0} calls the function "{1}", which the file does not contain.', node.op, name),
      );
    if (this.depth > MAX_DEPTH)
      throw new ControlFlowError(l10n.t('{0} is nested {1} functions deep.', node.op, MAX_DEPTH));
    const { order, names } = this.planOf(called);
    const bound = (ref: OpRef): OpRef => {
      const parameter = called.parameters.get(keyOf(ref));
      if (parameter === undefined) return { node: `${scope}/${names.get(ref.node)}`, output: ref.output };
      const given = args[parameter];
      if (!given)
        throw new ControlFlowError(l10n.t('{0} passes too few values to the function "{1}".', node.op, name));
      return given;
    };
    // A call counts as a step: functions without any operation may call each other forever.
    this.count(node, called.results.length);
    for (const inner of order) {
      this.count(node, inner.inputs.length);
      const path = `${scope}/${names.get(inner.name)}`;
      this.add({ ...inner, name: path, origin: inner.origin ?? inner.name, inputs: inner.inputs.map(bound) });
    }
    return called.results.map((ref) => this.resolve(bound(ref)));
  }

  private count(node: OpNode, references: number): void {
    this.steps++;
    this.references += references;
    if (this.steps > MAX_STEPS || this.references > MAX_REFERENCES)
      throw new ControlFlowError(tooLongNotice(node));
  }

  /** The operations that a function's results need, without checks and the like, and their names below a scope. */
  private planOf(called: OpFunction): Plan {
    const existing = this.plans.get(called);
    if (existing) return existing;
    const starts = called.results.flatMap((ref) => called.nodes.get(ref.node) ?? []);
    const order = operationsInOrder(called.nodes, starts);
    const scope = commonScope(order);
    const names = new Map<string, string>();
    const taken = new Set<string>();
    for (const { name } of order) {
      const short = name.startsWith(scope) ? name.slice(scope.length) : name;
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
  l10n.t('{0} is a branch, and which one is taken is decided by values that the model computes.', op);

const tooLongNotice = ({ name }: OpNode): string =>
  l10n.t('The loop "{0}" runs so often that it would become more than {1} operations.', name, MAX_UNROLLED);

/** The scope that the names of all of a function's operations start with, including its slash; '' for none. */
function commonScope(order: readonly OpNode[]): string {
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
