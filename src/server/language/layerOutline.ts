import { createScanner } from 'jsonc-parser';

/** The object of a layer, or of an operation of a graph, in the text of a `model.json`. */
export interface OutlinedLayer {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Number of objects and lists around it. */
  readonly depth: number;
}

/** Lists whose objects are layers or, in a graph model, operations. */
const LAYER_LISTS: ReadonlySet<string | null> = new Set(['layers', 'node']);

/** jsonc-parser's `SyntaxKind`, a const enum, which cannot be imported with `isolatedModules`. */
const TOKEN = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  colon: 6,
  null: 7,
  true: 8,
  false: 9,
  text: 10,
  number: 11,
  end: 17,
} as const;

/** An open object or list. */
interface Frame {
  readonly isObject: boolean;
  readonly start: number;
  /** The property that contains it; for an item of a list, the property of the list. */
  readonly under: string | null;
  /** An item of a list of layers. */
  readonly isLayer: boolean;
  /** The property that is being read, and whether its value comes next. */
  key: string | null;
  isValueNext: boolean;
  name: unknown;
  nameInConfig: unknown;
}

/**
 * Every layer that a JSON text names, in order of their start. Scans the text once and builds no tree, so that long and deep
 * texts are no problem; incomplete text is read as far as possible.
 */
export function outlineOf(text: string): OutlinedLayer[] {
  const scanner = createScanner(text, true);
  const open: Frame[] = [];
  const found: OutlinedLayer[] = [];
  const close = (end: number): void => {
    const frame = open.pop();
    if (frame?.isLayer) {
      const name = frame.name ?? frame.nameInConfig;
      if (typeof name === 'string') found.push({ name, start: frame.start, end, depth: open.length });
    }
  };
  for (let token = scanner.scan(); token !== TOKEN.end; token = scanner.scan()) {
    const top = open.at(-1);
    switch (token) {
      case TOKEN.openBrace:
      case TOKEN.openBracket:
        open.push(createFrame(top, token === TOKEN.openBrace, scanner.getTokenOffset()));
        if (top) top.isValueNext = false;
        break;
      case TOKEN.closeBrace:
      case TOKEN.closeBracket:
        if (top?.isObject === (token === TOKEN.closeBrace)) close(scanner.getPosition());
        break;
      case TOKEN.colon:
        if (top) top.isValueNext = true;
        break;
      case TOKEN.text:
        if (top?.isObject && !top.isValueNext) top.key = scanner.getTokenValue();
        else addScalar(open, scanner.getTokenValue());
        break;
      case TOKEN.number:
      case TOKEN.true:
      case TOKEN.false:
        addScalar(open, false);
        break;
      case TOKEN.null:
        addScalar(open, undefined);
        break;
    }
  }
  while (open.length > 0) close(text.length);
  return found.sort((a, b) => a.start - b.start);
}

function createFrame(around: Frame | undefined, isObject: boolean, start: number): Frame {
  const under = around?.isObject ? around.key : (around?.under ?? null);
  return {
    isObject,
    start,
    under,
    isLayer: isObject && around?.isObject === false && LAYER_LISTS.has(around.under),
    key: null,
    isValueNext: false,
    name: undefined,
    nameInConfig: undefined,
  };
}

/** Handles a value that is neither object nor list: the first `name` of a layer, or of its config, is its name. */
function addScalar(open: readonly Frame[], value: unknown): void {
  const top = open.at(-1);
  if (!top?.isObject) return;
  top.isValueNext = false;
  if (top.key !== 'name') return;
  if (top.isLayer) top.name ??= value;
  const around = open.at(-2);
  if (around?.isLayer && top.under === 'config') around.nameInConfig ??= value;
}
