import * as l10n from '@vscode/l10n';
import { isRecord } from '../topology';

/** A node of the flat graph, in the form of a TensorFlow.js graph model. */
export interface FlatNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

/** A function that is not inlined (the condition or body of a loop, a branch), in the form of `FunctionDef`. */
export interface FlatFunction {
  readonly signature: {
    readonly name: string;
    readonly inputArg: readonly { readonly name: string }[];
    readonly outputArg: readonly { readonly name: string }[];
  };
  readonly nodeDef: readonly FlatNode[];
  /** The reference inside the function, by name of the result. */
  readonly ret: Readonly<Record<string, string>>;
}

export interface FlatGraph {
  readonly nodes: readonly FlatNode[];
  readonly functions: readonly FlatFunction[];
  /** By name in the signature, `{name: {name: 'node:0'}}`. */
  readonly inputs: Readonly<Record<string, { readonly name: string }>>;
  readonly outputs: Readonly<Record<string, { readonly name: string }>>;
  /** Names of the `Const` nodes of the flat graph, by handle of the variable that they represent. */
  readonly variables: ReadonlyMap<string, string>;
}

/** The inputs and outputs of a signature, by name. */
export interface SignatureEnds {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The main graph, or one call of a function. */
interface Body {
  readonly nodes: ReadonlyMap<string, FlatNode>;
  /** The values of a function's arguments, by name: a reference in the calling body, or a name in the flat graph. */
  readonly bound: ReadonlyMap<string, Reference | string>;
  /** Added to a name that is already taken. */
  readonly prefix: string;
  /** The name of a node in the flat graph, by its name here. */
  readonly flat: Map<string, string>;
  /** By name of the call. */
  readonly calls: Map<string, Body>;
  /** References that are already resolved, and their names in the flat graph. */
  readonly resolved: Map<string, string>;
}

/** A reference inside the main graph or a call of a function. */
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
/** Operations that pass their input through; `ReadVariableOp` passes the value of a variable. */
const PASS_THROUGH: ReadonlySet<string> = new Set(['Identity', 'ReadVariableOp']);
/** Handles of variables in TensorFlow 2 and 1. */
export const VARIABLES: ReadonlySet<string> = new Set(['VarHandleOp', 'VariableV2', 'Variable']);
/** Operations whose functions are not inlined: the attributes that name the functions. */
const FUNCTION_ATTRIBUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['While', ['cond', 'body']],
  ['StatelessWhile', ['cond', 'body']],
  ['If', ['then_branch', 'else_branch']],
  ['StatelessIf', ['then_branch', 'else_branch']],
]);

/** Each function may call the next one twice: 64 such levels would never end. */
const MAX_NODES = 100_000;
const MAX_REFERENCES = 1_000_000;
/** Length of the prefix for calls within calls; longer ones are not needed to keep names unique. */
const MAX_PREFIX = 500;

/**
 * Extracts the part of a SavedModel's graph that computes a signature. Function calls are inlined, variables become
 * constants.
 * @param graph `GraphDef` as proto3's JSON.
 * @param variableName returns the name of a variable by its `VarHandleOp` in the main graph.
 * @throws Error whose message completes "... cannot be read as a SavedModel:".
 */
export function flattenGraph(
  graph: unknown,
  ends: SignatureEnds,
  variableName: (handle: string) => string,
): FlatGraph {
  return new Flattener(graph, variableName).run(ends);
}

class Flattener {
  private readonly functions = new Map<string, FunctionDef>();
  private readonly main: Body;
  private readonly taken = new Set<string>();
  /** The next number to append to a name that is already taken. */
  private readonly duplicates = new Map<string, number>();
  private references = 0;
  /** Nodes whose names are used but that are not added yet. */
  private readonly pending: { readonly body: Body; readonly node: FlatNode; readonly name: string }[] = [];
  private readonly variables = new Map<string, string>();
  /** The nodes that represent the variables. */
  private readonly constants: FlatNode[] = [];
  /** The nodes added so far, to the main graph or to the function that is being copied. */
  private added: FlatNode[] = [];
  private readonly copied = new Map<string, FlatFunction>();
  /** Names of functions that are to be copied. */
  private readonly functionQueue: string[] = [];
  private nodeCount = 0;

  constructor(
    graph: unknown,
    private readonly variableName: (handle: string) => string,
  ) {
    const { node, library } = isRecord(graph) ? graph : {};
    this.main = { nodes: nodesOf(node), bound: new Map(), prefix: '', ...emptyMaps() };
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

  run(ends: SignatureEnds): FlatGraph {
    const inputs = Object.entries(ends.inputs).map(([name, end]) => {
      const [node = ''] = refOf(end).split(':');
      // The user's name for it; TensorFlow's is `serving_default_<name>`.
      const flat = this.unique(name, this.main.prefix);
      this.main.flat.set(node, flat);
      const placeholder = this.main.nodes.get(node);
      if (!placeholder) throw new Error(l10n.t('its signature names "{0}", which does not exist', node));
      this.added.push({ ...placeholder, name: flat, input: [] });
      return [name, { name: `${flat}:0` }] as const;
    });
    const outputs = Object.entries(ends.outputs).map(([name, end]) => {
      return [name, { name: this.resolve(this.main, refOf(end)) }] as const;
    });
    this.addPending();
    const nodes = this.added;
    for (let name = this.functionQueue.pop(); name !== undefined; name = this.functionQueue.pop())
      this.copyFunction(name);
    return {
      nodes: [...nodes, ...this.constants],
      functions: [...this.copied.values()],
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(outputs),
      variables: this.variables,
    };
  }

  /** Adds the pending nodes and the nodes that they depend on. */
  private addPending(): void {
    for (let next = this.pending.pop(); next; next = this.pending.pop()) {
      const { body, node, name } = next;
      if (++this.nodeCount > MAX_NODES)
        throw new Error(l10n.t('it unfolds into more than {0} operations', MAX_NODES));
      this.count(node.input.length);
      const input = node.input.filter((ref) => !ref.startsWith('^')).map((ref) => this.resolve(body, ref));
      this.added.push({ ...node, name, input });
      for (const attribute of FUNCTION_ATTRIBUTES.get(node.op) ?? [])
        this.functionQueue.push(nameOfFunction(node.attr[attribute]));
    }
  }

  /** Copies a function that is not inlined. The names of its operations are unique in the file: constants are found by them. */
  private copyFunction(name: string): void {
    const definition = this.functions.get(name);
    if (!definition || this.copied.has(name)) return;
    const body: Body = {
      nodes: definition.nodes,
      bound: new Map(definition.arguments.map((argument) => [argument, argument])),
      prefix: `${name}/`,
      ...emptyMaps(),
    };
    this.added = [];
    const results = definition.results.map((ref) => this.resolve(body, ref));
    this.addPending();
    this.copied.set(name, {
      signature: {
        name,
        inputArg: definition.arguments.map((argument) => ({ name: argument })),
        outputArg: results.map((_, i) => ({ name: `result_${i}` })),
      },
      nodeDef: this.added,
      ret: Object.fromEntries(results.map((ref, i) => [`result_${i}`, ref])),
    });
  }

  private count(references: number): void {
    this.references += references;
    if (this.references > MAX_REFERENCES) {
      throw new Error(l10n.t('its operations and functions take more than {0} values', MAX_REFERENCES));
    }
  }

  /**
   * The name in the flat graph of a reference inside `body`. Chains of pass-through operations, calls and arguments are
   * followed iteratively, each once: functions may call each other thousands of levels deep.
   */
  private resolve(body: Body, reference: string): string {
    const chain: Reference[] = [];
    let at: Reference = { body, ref: reference };
    let found = body.resolved.get(reference);
    while (found === undefined) {
      this.count(1);
      chain.push(at);
      if (chain.length > MAX_NODES) {
        throw new Error(
          at.body === body
            ? l10n.t('its operation "{0}" passes its own value to itself', reference)
            : l10n.t('its functions call each other without end'),
        );
      }
      const next = this.next(at);
      if (typeof next === 'string') found = next;
      else {
        at = next;
        found = at.body.resolved.get(at.ref);
      }
    }
    for (const one of chain) one.body.resolved.set(one.ref, found);
    return found;
  }

  /** The name of a reference in the flat graph, or the reference whose value it passes through. */
  private next({ body, ref }: Reference): string | Reference {
    const [name = '', ...suffix] = ref.split(':');
    const bound = body.bound.get(name);
    if (bound) return bound;
    const node = body.nodes.get(name);
    if (!node) throw new Error(l10n.t('its graph names "{0}", which does not exist', name));
    if (CALLS.has(node.op)) return this.resultOf(body, node, outputOf(suffix));
    if (VARIABLES.has(node.op)) return this.variable(node.name);
    const [first] = node.input;
    if (PASS_THROUGH.has(node.op) && first !== undefined) return { body, ref: first };
    return this.plain(body, node, suffix);
  }

  private plain(body: Body, node: FlatNode, suffix: readonly string[]): string {
    let flat = body.flat.get(node.name);
    if (flat === undefined) {
      flat = this.unique(node.name, body.prefix);
      body.flat.set(node.name, flat);
      this.pending.push({ body, node, name: flat });
    }
    return [flat, ...suffix].join(':');
  }

  private resultOf(body: Body, call: FlatNode, output: number): Reference {
    const callee = nameOfFunction(call.attr.f);
    const definition = this.functions.get(callee);
    if (!definition) throw new Error(l10n.t('it calls the function "{0}", which does not exist', callee));
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
        ...emptyMaps(),
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
    for (let i = this.duplicates.get(own) ?? 1; this.taken.has(free); i++) {
      free = `${own}_${i}`;
      this.duplicates.set(own, i + 1);
    }
    this.taken.add(free);
    return free;
  }
}

const emptyMaps = (): Pick<Body, 'flat' | 'calls' | 'resolved'> => ({
  flat: new Map(),
  calls: new Map(),
  resolved: new Map(),
});

/** The output index in a reference to a call: `node`, `node:1` in a graph, `node:output:1` in a function. */
function outputOf(suffix: readonly string[]): number {
  const index = Number(suffix.at(-1) ?? 0);
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
