import { getLocation, getNodePath, type Node, parseTree } from 'jsonc-parser';

/** A place in a text that may name a layer. */
export interface LayerReference {
  /** A layer's name or path, as written. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Text above this length is data, not code: reading it at every hover would be felt. */
const MOST_CHARACTERS = 8_000_000;

const QUOTES = new Set(['"', "'", '`']);

const MODEL_FILE = /\.(keras|h5|hdf5)$|(^|[/\\])(saved_model\.pb|model[^/\\]*\.json)$/i;

/**
 * The layer that the text at `offset` may name: in code the string literal around it, in a `model.json` the layer
 * whose config it stands in. Whether a model has such a layer is for the caller to see.
 */
export function layerReferenceAt(text: string, offset: number, languageId: string): LayerReference | null {
  if (text.length > MOST_CHARACTERS) return null;
  return languageId === 'json' || languageId === 'jsonc' ? inJson(text, offset) : inCode(text, offset);
}

/** The model files that string literals of the text name, nearest before `offset` first, then those after it. */
export function modelFilesNamed(text: string, offset: number): string[] {
  if (text.length > MOST_CHARACTERS) return [];
  const found = [...literals(text)].filter(({ name }) => MODEL_FILE.test(name));
  const before = found.filter(({ start }) => start <= offset).reverse();
  const after = found.filter(({ start }) => start > offset);
  return [...new Set([...before, ...after].map(({ name }) => name))];
}

function inCode(text: string, offset: number): LayerReference | null {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset);
  const line = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  for (const { name, start, end } of literals(line)) {
    if (offset >= lineStart + start && offset <= lineStart + end && name !== '')
      return { name, start: lineStart + start, end: lineStart + end };
  }
  return null;
}

/**
 * One-line string literals of Python, TypeScript and JavaScript, escapes as they are written. By hand, because a regular
 * expression takes quadratic time on a long line of quotes that are never closed.
 */
function* literals(text: string): Generator<LayerReference> {
  // Where a quote was not closed, a later one of its kind in the same line is not either.
  const unclosedUpTo = new Map<string, number>();
  for (let start = 0; start < text.length; start++) {
    const quote = text[start] ?? '';
    if (!QUOTES.has(quote) || start < (unclosedUpTo.get(quote) ?? 0)) continue;
    let end = start + 1;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    if (text[end] !== quote) {
      unclosedUpTo.set(quote, end);
      continue;
    }
    yield { name: text.slice(start + 1, end), start, end: end + 1 };
    start = end;
  }
}

function inJson(text: string, offset: number): LayerReference | null {
  const root = parseTree(text);
  if (!root) return null;
  const { path } = getLocation(text, offset);
  const names: string[] = [];
  let innermost: Node | null = null;
  let current: Node | undefined = root;
  for (const step of path) {
    const next: Node | undefined = childAt(current, step);
    if (!next) break;
    current = next;
    const name = isInLayers(current) ? layerName(current) : null;
    if (name !== null) {
      names.push(name);
      innermost = current;
    }
  }
  if (!innermost) return null;
  return { name: names.join('/'), start: innermost.offset, end: innermost.offset + innermost.length };
}

function childAt(node: Node | undefined, step: string | number): Node | undefined {
  if (node?.type === 'array' && typeof step === 'number') return node.children?.[step];
  if (node?.type !== 'object') return undefined;
  return property(node, String(step));
}

function property(node: Node | undefined, key: string): Node | undefined {
  const found = node?.children?.find((child) => child.children?.[0]?.value === key);
  return found?.children?.[1];
}

/** Whether the object is an item of a list called `layers` or, in a graph model, `node`. */
function isInLayers(node: Node): boolean {
  return node.type === 'object' && LISTS.has(getNodePath(node).at(-2));
}

const LISTS: ReadonlySet<string | number | undefined> = new Set(['layers', 'node']);

function layerName(layer: Node): string | null {
  const name = property(layer, 'name')?.value ?? property(property(layer, 'config'), 'name')?.value;
  return typeof name === 'string' ? name : null;
}

/**
 * The object of a layer in the text of a `model.json`.
 * @param path `vgg16/block5_conv3`; call numbers such as `@2` are ignored. An operation of a graph has its whole path
 * as its name.
 */
export function findLayerObject(text: string, path: string): { start: number; end: number } | null {
  const root = parseTree(text);
  const operation = root && path.includes('/') ? firstLayer(root, path) : undefined;
  if (operation) return { start: operation.offset, end: operation.offset + operation.length };
  let current: Node | undefined = root;
  for (const step of path.split('/')) {
    const name = step.replace(/@\d+$/, '');
    const next: Node | undefined = current && firstLayer(current, name);
    if (!next) return null;
    current = next;
  }
  return current ? { start: current.offset, end: current.offset + current.length } : null;
}

/** Breadth first, so that a layer of the outer model comes before one of the same name in a nested model. */
function firstLayer(from: Node, name: string): Node | undefined {
  const waiting = [from];
  for (let node = waiting.shift(); node; node = waiting.shift()) {
    if (node !== from && isInLayers(node) && layerName(node) === name) return node;
    for (const child of node.children ?? []) {
      if (child.type === 'property') {
        const value = child.children?.[1];
        if (value) waiting.push(value);
      } else waiting.push(child);
    }
  }
  return undefined;
}
