import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { LearnedPairs } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import { companionPath } from '../../io/companion';
import { MAX_ASSET_BYTES } from '../../io/limits';
import { readFile, statOf } from '../../io/openFile';
import { ELEMENT_BYTES, numbersIn } from '../floats';
import { isRecord } from '../topology';
import type { Decoded } from './protobuf';
import { nodeName, records, strings } from './savedModelObjects';
import { elementType, sizesOf, type VariableBundle } from './variableBundle';

type Item = Record<string, unknown>;

/** Attributes of a lookup layer that refer to its table: since Keras 2.6, and before. */
const TABLES = ['lookup_table', '_table'];
/** Attributes of a TextVectorization that refer to its lookup layer. */
const LOOKUP_LAYERS = ['_lookup_layer', '_index_lookup_layer'];
/** Operations that fill a table. Inputs: its handle, the keys, the values. */
const IMPORTS: ReadonlySet<unknown> = new Set(['LookupTableImportV2', 'InitializeTableV2']);
/** Fills a table from the lines of a text file. Inputs: its handle, the name of the file. */
const FROM_TEXT = 'InitializeTableFromTextFileV2';
/** `TextFileIndex` of TensorFlow, in place of a column of that file. */
const WHOLE_LINE = -2;
const LINE_NUMBER = -1;

/**
 * The tables of lookup layers in a SavedModel. A mutable one (`MutableHashTable`, up to TensorFlow 2.5) is in the checkpoint;
 * a static one is filled by its function `_initialize`, from constants of the graph or from a text file in the folder
 * `assets`.
 */
export class LookupTables {
  private readonly functions: ReadonlyMap<string, Item>;
  private readonly nodes: ReadonlyMap<string, Item>;
  private readonly bound: ReadonlyMap<string, unknown>;
  private readonly files: readonly Item[];

  /**
   * @param path of `saved_model.pb`.
   * @param meta `MetaGraphDef`.
   * @param keys of the objects in the checkpoint.
   */
  constructor(
    private readonly path: string,
    meta: Decoded,
    private readonly objects: readonly Item[],
    private readonly keys: ReadonlyMap<number, string>,
    private readonly bundle: VariableBundle,
  ) {
    this.files = records(meta.assetFileDef);
    const graph = isRecord(meta.graphDef) ? meta.graphDef : {};
    this.nodes = byName(records(graph.node));
    const library = isRecord(graph.library) ? records(graph.library.function) : [];
    this.functions = new Map(
      library.flatMap((one) => (isRecord(one.signature) ? [[String(one.signature.name), one]] : [])),
    );
    const { concreteFunctions } = isRecord(meta.objectGraphDef) ? meta.objectGraphDef : {};
    this.bound = new Map(isRecord(concreteFunctions) ? Object.entries(concreteFunctions) : []);
  }

  /** The object that is the table of a layer. */
  tableOf(layer: number): number | undefined {
    const holder = this.child(layer, LOOKUP_LAYERS) ?? layer;
    return this.child(holder, TABLES);
  }

  /**
   * The content of a table; `null` where the file does not contain it.
   * @throws Failure like `VariableBundle.elements`, and `file-not-found`, `path-escape`, `too-large` for a text file.
   */
  read(table: number): LearnedPairs | null {
    const key = this.keys.get(table);
    const stored = key === undefined ? null : this.stored(key);
    return stored ?? this.initial(table);
  }

  /** One more than the greatest index of a table; `null` where the file does not contain it. */
  sizeOf(table: number): number | null {
    const indices = this.read(table)?.values;
    // The mask token has the greatest int64 as its index.
    return indices
      ? indices
          .map(Number)
          .filter((i) => i < 2 ** 31)
          .reduce((a, b) => Math.max(a, b + 1), 0)
      : null;
  }

  private stored(key: string): LearnedPairs | null {
    const [keys, values] = ['-keys', '-values'].map((part) => this.bundle.elements(key + part));
    return keys && values ? { keys, values } : null;
  }

  private initial(table: number): LearnedPairs | null {
    const initialize = this.child(table, ['_initialize']);
    const traced = this.objects[initialize ?? -1]?.function;
    const [name = ''] = isRecord(traced) ? strings(traced.concreteFunctions) : [];
    const body = this.functions.get(name);
    if (body === undefined) return null;
    const inside = records(body.nodeDef);
    const filling = inside.find(({ op }) => IMPORTS.has(op) || op === FROM_TEXT);
    const { inputArg } = isRecord(body.signature) ? body.signature : {};
    const callee = this.bound.get(name);
    const bound = isRecord(callee) && Array.isArray(callee.boundInputs) ? callee.boundInputs.map(Number) : [];
    const given = new Map(records(inputArg).map((argument, i) => [String(argument.name), bound[i] ?? -1]));
    if (filling?.op === FROM_TEXT) {
      const file = given.get(nodeName(strings(filling.input)[1] ?? ''));
      return file === undefined ? null : this.lines(file, filling.attr);
    }
    const nodes = byName(inside);
    const [keys, values] = strings(filling?.input)
      .slice(1, 3)
      .map((ref) => {
        const source = nodeName(ref);
        const captured = given.get(source);
        return elementsOf(captured === undefined ? nodes.get(source) : this.constant(captured));
      });
    return keys && values ? { keys, values } : null;
  }

  /** The lines of an asset with their numbers, as `TextFileInitializer` reads them. */
  private lines(object: number, attributes: unknown): LearnedPairs | null {
    const asset = this.objects[object]?.asset;
    const name = isRecord(asset) ? this.files[Number(asset.assetFileDefIndex ?? 0)]?.filename : undefined;
    if (typeof name !== 'string') return null;
    const [keyIndex, valueIndex, offset] = ['key_index', 'value_index', 'offset'].map((key) => {
      const attribute = isRecord(attributes) ? attributes[key] : undefined;
      return isRecord(attribute) ? Number(attribute.i ?? 0) : 0;
    });
    const isForward = keyIndex === WHOLE_LINE && valueIndex === LINE_NUMBER;
    if (!isForward && (keyIndex !== LINE_NUMBER || valueIndex !== WHOLE_LINE)) return null;
    const lines = this.text(name).replaceAll('\r', '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    const numbers = lines.map((_, i) => i + (offset ?? 0));
    return isForward ? { keys: lines, values: numbers } : { keys: numbers, values: lines };
  }

  private text(name: string): string {
    const absolute = join(dirname(this.path), 'assets', name);
    if (statOf(absolute) === null) {
      fail('file-not-found', l10n.t('{0}, the vocabulary of a layer, is missing.', basename(absolute)), {
        remedy: l10n.t('Copy the whole SavedModel folder again, with its folder "assets".'),
        subject: this.path,
      });
    }
    const bytes = readFile(companionPath(this.path, absolute), MAX_ASSET_BYTES);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }

  /** The operation of a constant object. */
  private constant(object: number): Item | undefined {
    const constant = this.objects[object]?.constant;
    return isRecord(constant) ? this.nodes.get(String(constant.operation)) : undefined;
  }

  private child(object: number, names: readonly string[]): number | undefined {
    const found = records(this.objects[object]?.children).find(({ localName }) =>
      names.includes(String(localName)),
    );
    return found === undefined ? undefined : Number(found.nodeId ?? 0);
  }
}

const byName = (nodes: readonly Item[]): ReadonlyMap<string, Item> =>
  new Map(nodes.map((node) => [String(node.name), node]));

/** The elements of a `Const` one by one; `null` for other operations, and where some are missing. */
function elementsOf(node: Item | undefined): readonly (string | number)[] | null {
  const value = node?.op === 'Const' && isRecord(node.attr) ? node.attr.value : undefined;
  const tensor = isRecord(value) && isRecord(value.tensor) ? value.tensor : {};
  const shape = sizesOf(tensor.tensorShape);
  if (shape === null) return null;
  const size = shape.reduce((product, length) => product * length, 1);
  const found = tensor.dtype === 'DT_STRING' ? strings(tensor.stringVal) : numbersOf(tensor);
  return found.length === size ? found : null;
}

function numbersOf({ dtype, tensorContent, intVal, int64Val }: Item): readonly number[] {
  const type = elementType(dtype);
  if (type !== undefined && tensorContent instanceof Uint8Array && tensorContent.length > 0) {
    return tensorContent.length % ELEMENT_BYTES[type] === 0 ? numbersIn(tensorContent, type) : [];
  }
  const list = int64Val ?? intVal;
  return Array.isArray(list) ? list.map(Number) : [];
}
