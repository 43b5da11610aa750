import { isRecord } from '../topology';

/** A node of the flat graph, as a TensorFlow.js graph model would hold it. */
export interface FlatNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

/** A function that stays one, as `FunctionDef` has it: the condition or the body of a loop, a branch. */
export interface FlatFunction {
  readonly signature: {
    readonly name: string;
    readonly inputArg: readonly { readonly name: string }[];
    readonly outputArg: readonly { readonly name: string }[];
  };
  readonly nodeDef: readonly FlatNode[];
  /** By name of the result, what it is inside. */
  readonly ret: Readonly<Record<string, string>>;
}

export interface FlatGraph {
  readonly nodes: readonly FlatNode[];
  readonly functions: readonly FlatFunction[];
  /** Named ends, `{name: {name: 'node:0'}}`. */
  readonly inputs: Readonly<Record<string, { readonly name: string }>>;
  readonly outputs: Readonly<Record<string, { readonly name: string }>>;
  /** `Const` nodes of the flat graph by the variable that they stand for. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface Ends {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

interface Body {
  readonly nodes: ReadonlyMap<string, FlatNode>;
  /** What a name stands for that is not a node: an argument of a function. */
  readonly bound: ReadonlyMap<string, Reference | string>;
  /** Stands before a name that is taken already. */
  readonly prefix: string;
  readonly flat: Map<string, string>;
  readonly calls: Map<string, Body>;
  /** What references to operations that only hand on have led to. */
  readonly passed: Map<string, string>;
}

/** What a name stands for inside the main graph or a function. */
interface Reference {
  readonly body: Body;
  readonly ref: string;
}

interface FunctionDef {
  readonly arguments: readonly string[];
  readonly results: readonly string[];
  readonly nodes: ReadonlyMap<string, FlatNode>;
}

const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
/** Hand on what they get; `ReadVariableOp` what a variable holds. */
const PASSES: ReadonlySet<string> = new Set(['Identity', 'ReadVariableOp']);
/** Handles of variables, today's and those of version 1. */
export const VARIABLES: ReadonlySet<string> = new Set(['VarHandleOp', 'VariableV2', 'Variable']);
/** Run functions by rules of their own, by the attributes that name them. */
const KEEPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['While', ['cond', 'body']],
  ['StatelessWhile', ['cond', 'body']],
  ['If', ['then_branch', 'else_branch']],
  ['StatelessIf', ['then_branch', 'else_branch']],
]);

/** A function may call a function twice, which calls another twice: 64 such levels would unfold without an end. */
const MAX_NODES = 100_000;
const MAX_REFERENCES = 1_000_000;
/** What functions inside functions are called: names stay apart without the rest. */
const MAX_PREFIX = 500;

/**
 * The part of a SavedModel's graph that computes a signature, with the functions that it calls written out in place of the
 * calls, and variables as constants.
 * @param graph `GraphDef` as proto3's JSON.
 * @param variableName what a `VarHandleOp` of the main graph is to be called.
 * @throws Error that says why it cannot be.
 */
export function flatten(graph: unknown, ends: Ends, variableName: (handle: string) => string): FlatGraph {
  return new Flattening(graph, variableName).run(ends);
}

class Flattening {
  private readonly functions = new Map<string, FunctionDef>();
  private readonly main: Body;
  private readonly taken = new Set<string>();
  /** How often a name was wanted that was taken. */
  private readonly twins = new Map<string, number>();
  private references = 0;
  private readonly waiting: { readonly body: Body; readonly node: FlatNode; readonly name: string }[] = [];
  private readonly variables = new Map<string, string>();
  /** Those that stand for the variables. */
  private readonly constants: FlatNode[] = [];
  private found: FlatNode[] = [];
  private readonly kept = new Map<string, FlatFunction>();
  /** Kept functions that are not written out yet. */
  private readonly wanted: string[] = [];
  private unfolded = 0;

  constructor(
    graph: unknown,
    private readonly variableName: (handle: string) => string,
  ) {
    const { node, library } = isRecord(graph) ? graph : {};
    this.main = { nodes: nodesOf(node), bound: new Map(), prefix: '', ...nothingYet() };
    const functions: unknown = isRecord(library) ? library.function : [];
    for (const item of Array.isArray(functions) ? functions : []) this.addFunction(item);
  }

  private addFunction(item: unknown): void {
    if (!isRecord(item) || !isRecord(item.signature) || typeof item.signature.name !== 'string') return;
    const { signature, nodeDef } = item;
    const ret = isRecord(item.ret) ? item.ret : {};
    this.functions.set(item.signature.name, {
      arguments: namesOf(signature.inputArg),
      results: namesOf(signature.outputArg).map((name) => String(Object.hasOwn(ret, name) ? ret[name] : '')),
      nodes: nodesOf(nodeDef),
    });
  }

  run(ends: Ends): FlatGraph {
    const inputs = Object.entries(ends.inputs).map(([name, end]) => {
      const [node = ''] = refOf(end).split(':');
      // The user's word for it, where TensorFlow's is `serving_default_picture`.
      const flat = this.unique(name, this.main.prefix);
      this.main.flat.set(node, flat);
      const placeholder = this.main.nodes.get(node);
      if (!placeholder) throw new Error(`its signature names "${node}", which is not there`);
      this.found.push({ ...placeholder, name: flat, input: [] });
      return [name, { name: `${flat}:0` }] as const;
    });
    const outputs = Object.entries(ends.outputs).map(([name, end]) => {
      return [name, { name: this.want(this.main, refOf(end)) }] as const;
    });
    this.unfold();
    const nodes = this.found;
    for (let name = this.wanted.pop(); name !== undefined; name = this.wanted.pop()) this.keep(name);
    return {
      nodes: [...nodes, ...this.constants],
      functions: [...this.kept.values()],
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(outputs),
      variables: this.variables,
    };
  }

  /** Writes out everything that is waited for. */
  private unfold(): void {
    for (let next = this.waiting.pop(); next; next = this.waiting.pop()) {
      const { body, node, name } = next;
      if (++this.unfolded > MAX_NODES) throw new Error(`it unfolds into more than ${MAX_NODES} operations`);
      this.count(node.input.length);
      const input = node.input.filter((ref) => !ref.startsWith('^')).map((ref) => this.want(body, ref));
      this.found.push({ ...node, name, input });
      for (const attribute of KEEPS.get(node.op) ?? [])
        this.wanted.push(nameOfFunction(node.attr[attribute]));
    }
  }

  /** Writes a function out whose operations stay its own; they have names that no others have, since constants go by them. */
  private keep(name: string): void {
    const definition = this.functions.get(name);
    if (!definition || this.kept.has(name)) return;
    const body: Body = {
      nodes: definition.nodes,
      bound: new Map(definition.arguments.map((argument) => [argument, argument])),
      prefix: `${name}/`,
      ...nothingYet(),
    };
    this.found = [];
    const results = definition.results.map((ref) => this.want(body, ref));
    this.unfold();
    this.kept.set(name, {
      signature: {
        name,
        inputArg: definition.arguments.map((argument) => ({ name: argument })),
        outputArg: results.map((_, i) => ({ name: `result_${i}` })),
      },
      nodeDef: this.found,
      ret: Object.fromEntries(results.map((ref, i) => [`result_${i}`, ref])),
    });
  }

  private count(references: number): void {
    this.references += references;
    if (this.references > MAX_REFERENCES) {
      throw new Error(`its operations and functions take more than ${MAX_REFERENCES} values`);
    }
  }

  /**
   * What a reference inside `body` is in the flat graph. Chains of what only hands on, of calls and arguments are followed in a
   * loop, each once: functions may call each other thousands of levels deep.
   */
  private want(body: Body, reference: string): string {
    const chain: Reference[] = [];
    let at: Reference = { body, ref: reference };
    let found = body.passed.get(reference);
    while (found === undefined) {
      this.count(1);
      chain.push(at);
      if (chain.length > MAX_NODES) {
        throw new Error(
          at.body === body
            ? `its operation "${reference}" hands itself on`
            : 'its functions call each other without end',
        );
      }
      const next = this.next(at);
      if (typeof next === 'string') found = next;
      else {
        at = next;
        found = at.body.passed.get(at.ref);
      }
    }
    for (const one of chain) one.body.passed.set(one.ref, found);
    return found;
  }

  /** The name of a reference in the flat graph, or the reference whose value it only hands on. */
  private next({ body, ref }: Reference): string | Reference {
    const [name = '', ...place] = ref.split(':');
    const bound = body.bound.get(name);
    if (bound) return bound;
    const node = body.nodes.get(name);
    if (!node) throw new Error(`its graph names "${name}", which is not there`);
    if (CALLS.has(node.op)) return this.resultOf(body, node, outputOf(place));
    if (VARIABLES.has(node.op)) return this.variable(node.name);
    const [first] = node.input;
    if (PASSES.has(node.op) && first !== undefined) return { body, ref: first };
    return this.plain(body, node, place);
  }

  private plain(body: Body, node: FlatNode, place: readonly string[]): string {
    let flat = body.flat.get(node.name);
    if (flat === undefined) {
      flat = this.unique(node.name, body.prefix);
      body.flat.set(node.name, flat);
      this.waiting.push({ body, node, name: flat });
    }
    return [flat, ...place].join(':');
  }

  private resultOf(body: Body, call: FlatNode, output: number): Reference {
    const callee = nameOfFunction(call.attr.f);
    const definition = this.functions.get(callee);
    if (!definition) throw new Error(`it calls the function "${callee}", which is not there`);
    let inner = body.calls.get(call.name);
    if (!inner) {
      const data = call.input.filter((ref) => !ref.startsWith('^'));
      const bound = definition.arguments.map((argument, i) => {
        const given = data[i] ?? '';
        return [argument, { body, ref: given }] as const;
      });
      this.count(1 + bound.length);
      const prefix = `${body.prefix}${call.name}/`;
      inner = {
        nodes: definition.nodes,
        bound: new Map(bound),
        prefix: prefix.length > MAX_PREFIX ? body.prefix : prefix,
        ...nothingYet(),
      };
      body.calls.set(call.name, inner);
    }
    return { body: inner, ref: definition.results[output] ?? '' };
  }

  private variable(handle: string): string {
    let name = this.variables.get(handle);
    if (name === undefined) {
      name = this.unique(this.variableName(handle), '');
      this.variables.set(handle, name);
      this.constants.push({ name, op: 'Const', input: [], attr: {} });
    }
    return name;
  }

  private unique(name: string, prefix: string): string {
    const own = prefix + name;
    let free = this.taken.has(name) ? own : name;
    for (let i = this.twins.get(own) ?? 1; this.taken.has(free); i++) {
      free = `${own}_${i}`;
      this.twins.set(own, i + 1);
    }
    this.taken.add(free);
    return free;
  }
}

const nothingYet = (): Pick<Body, 'flat' | 'calls' | 'passed'> => ({
  flat: new Map(),
  calls: new Map(),
  passed: new Map(),
});

/** Of a call, whose outputs are one argument: `node`, `node:1` in a graph, `node:output:1` in a function. */
function outputOf(place: readonly string[]): number {
  const index = Number(place.at(-1) ?? 0);
  return Number.isSafeInteger(index) ? index : 0;
}

function nodesOf(list: unknown): Map<string, FlatNode> {
  const nodes = new Map<string, FlatNode>();
  for (const item of Array.isArray(list) ? list : []) {
    if (!isRecord(item) || typeof item.name !== 'string' || typeof item.op !== 'string') continue;
    const input = Array.isArray(item.input) ? item.input.map(String) : [];
    nodes.set(item.name, { name: item.name, op: item.op, input, attr: isRecord(item.attr) ? item.attr : {} });
  }
  return nodes;
}

const namesOf = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).map((item) => String(isRecord(item) ? item.name : ''));

const nameOfFunction = (attribute: unknown): string => {
  const name = isRecord(attribute) && isRecord(attribute.func) ? attribute.func.name : undefined;
  return typeof name === 'string' ? name : '';
};

const refOf = (end: unknown): string => String(isRecord(end) ? (end.name ?? '') : '');
