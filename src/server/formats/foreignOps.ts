import * as l10n from '@vscode/l10n';
import type { ForeignCode } from '../../shared/model';
import { records, strings } from './savedModel/savedModelObjects';
import { isRecord } from './topology';

const PYTHON: ReadonlySet<string> = new Set(['PyFunc', 'PyFuncStateless', 'EagerPyFunc']);
/** Operations that read or write files. `IO>` is the prefix of tensorflow-io; printing may go to a file. */
const FILES =
  /^(IO>.*|.*(WriteFile|ReadFile|MatchingFiles|FileReader|RecordReader|LineReader|LMDBReader|IdentityReader)(V2)?|(Save|Restore)(Slices?|V2)?|MergeV2Checkpoints|CheckpointHasKey|LoadAndRemapMatrix|GenerateVocabRemapping|InitializeTableFromTextFile(V2)?|(TFRecord|TextLine|FixedLengthRecord|Sql|LMDB|CSV)Dataset(V\d)?|(Save|Load|Snapshot)Dataset(V\d)?|DatasetTo(TFRecord|CSV)|Print(V2)?|DebugIdentity(V\d)?|DumpIdentity.*|.*Summary(FileWriter|DbWriter))$/;

/** A longer list would tell the user nothing more. */
const MAX_LISTED = 1000;

interface Named {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  /** Functions that its attributes name: called functions, branches, bodies of loops. */
  readonly calls: readonly string[];
}

/** What an operation would do in TensorFlow that Layerglass never does; `null` for a harmless one. */
function wouldDo(op: string): string | null {
  if (PYTHON.has(op))
    return l10n.t('In TensorFlow, the operation {0} would call Python code; Layerglass never runs it.', op);
  return FILES.test(op)
    ? l10n.t('In TensorFlow, the operation {0} would read or write files; Layerglass never runs it.', op)
    : null;
}

/**
 * The operations that read or write files or call Python, among all that run with a graph: including those that only a
 * control dependency reaches, and all operations of the functions that are called.
 * The path of one is its name, after that of the function that contains it.
 * @param graph `GraphDef` as proto3's JSON: untrusted.
 * @param outputs references to start from, those of the signatures; left out, every operation counts.
 */
export function foreignOps(graph: unknown, outputs?: readonly string[]): ForeignCode[] {
  const { node, library } = isRecord(graph) ? graph : {};
  const main = new Map(nodesOf(node).map((one) => [one.name, one]));
  const functions = new Map(
    records(isRecord(library) ? library.function : []).map((one) => [
      isRecord(one.signature) ? String(one.signature.name) : '',
      nodesOf(one.nodeDef),
    ]),
  );
  const found: ForeignCode[] = [];
  const pending: string[] = [];
  const visit = (prefix: string, { name, op, calls }: Named): void => {
    const what = wouldDo(op);
    if (what !== null && found.length < MAX_LISTED) found.push({ path: prefix + name, what });
    for (const called of calls) pending.push(called);
  };
  const reached = outputs === undefined ? main.values() : reachedFrom(outputs, main);
  for (const one of reached) visit('', one);
  const entered = new Set<string>();
  for (let called = pending.pop(); called !== undefined; called = pending.pop()) {
    if (entered.has(called)) continue;
    entered.add(called);
    for (const one of functions.get(called) ?? []) visit(`${called}/`, one);
  }
  return found;
}

function reachedFrom(outputs: readonly string[], nodes: ReadonlyMap<string, Named>): Set<Named> {
  const reached = new Set<Named>();
  const pending = [...outputs];
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    const node = nodes.get(ref.replace(/^\^/, '').split(':')[0] ?? '');
    if (node === undefined || reached.has(node)) continue;
    reached.add(node);
    pending.push(...node.input);
  }
  return reached;
}

const nodesOf = (list: unknown): Named[] =>
  records(list).map(({ name, op, input, attr }) => ({
    name: String(name),
    op: String(op),
    input: strings(input),
    calls: isRecord(attr) ? Object.values(attr).flatMap(functionsIn) : [],
  }));

function functionsIn(attribute: unknown): string[] {
  if (!isRecord(attribute)) return [];
  const listed = isRecord(attribute.list) ? records(attribute.list.func) : [];
  const one = isRecord(attribute.func) ? [attribute.func] : [];
  return [...one, ...listed].flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
}
