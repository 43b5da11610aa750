import { type OutlinedLayer, outlineOf } from './layerOutline';

/** A place in a text that may name a layer. */
export interface LayerReference {
  /** A layer's name or path, as written. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Longer text is data, not code, and scanning it at every hover would be noticeable. */
const MAX_CHARACTERS = 8_000_000;

const QUOTES = new Set(['"', "'", '`']);

const MODEL_FILE = /\.(keras|h5|hdf5)$|(^|[/\\])(saved_model\.pb|model[^/\\]*\.json)$/i;

/**
 * The layer that the text at `offset` may name: in code, the string literal around it; in a `model.json`, the layer whose
 * object contains it. The caller checks whether a model has such a layer.
 */
export function layerReferenceAt(text: string, offset: number, languageId: string): LayerReference | null {
  if (text.length > MAX_CHARACTERS) return null;
  return languageId === 'json' || languageId === 'jsonc'
    ? jsonLayerAt(text, offset)
    : literalAt(text, offset);
}

/** The model files that string literals of the text name, nearest before `offset` first, then those after it. */
export function modelFileReferences(text: string, offset: number): string[] {
  if (text.length > MAX_CHARACTERS) return [];
  const found = [...literals(text)].filter(({ name }) => MODEL_FILE.test(name));
  const before = found.filter(({ start }) => start <= offset).reverse();
  const after = found.filter(({ start }) => start > offset);
  return [...new Set([...before, ...after].map(({ name }) => name))];
}

function literalAt(text: string, offset: number): LayerReference | null {
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
 * Single-line string literals of Python, TypeScript and JavaScript, with escapes as written. Hand-written, because a regular
 * expression takes quadratic time on a long line of unclosed quotes.
 */
function* literals(text: string): Generator<LayerReference> {
  // If a quote is not closed, no later quote of its type in the same line is closed.
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

function jsonLayerAt(text: string, offset: number): LayerReference | null {
  const around = outlineOf(text).filter(({ start, end }) => start <= offset && offset <= end);
  const innermost = around.at(-1);
  if (!innermost) return null;
  return { name: around.map(({ name }) => name).join('/'), start: innermost.start, end: innermost.end };
}

/**
 * The object of a layer in the text of a `model.json`.
 * @param path `vgg16/block5_conv3`; call numbers such as `@2` are ignored. An operation of a graph has its whole path
 * as its name.
 */
export function findLayerObject(text: string, path: string): { start: number; end: number } | null {
  const layers = outlineOf(text);
  const operation = path.includes('/') ? outermost(layers, path) : undefined;
  if (operation) return { start: operation.start, end: operation.end };
  let inside = layers;
  let found: OutlinedLayer | undefined;
  for (const step of path.split('/')) {
    found = outermost(inside, step.replace(/@\d+$/, ''));
    if (!found) return null;
    const { start, end } = found;
    inside = inside.filter((layer) => layer.start > start && layer.end <= end);
  }
  return found ? { start: found.start, end: found.end } : null;
}

/** The layer of a name with the smallest depth: the outer model comes before nested models. */
function outermost(layers: readonly OutlinedLayer[], name: string): OutlinedLayer | undefined {
  let found: OutlinedLayer | undefined;
  for (const layer of layers) {
    if (layer.name === name && (found === undefined || layer.depth < found.depth)) found = layer;
  }
  return found;
}
