import * as l10n from '@vscode/l10n';
import { type InlayHint, InlayHintKind, type Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { kerasShape } from '../../../shared/kerasShape';
import type { Shape } from '../../../shared/model';
import type { Use } from '../../code/machine';
import type { Program } from './programs';

/** The setting `layerglass.inlayHints`. */
export const HINT_STYLES = ['shapes', 'shapesAndParameters', 'off'] as const;
export type HintStyle = (typeof HINT_STYLES)[number];

/** Different results of one call, as in a loop, that a hint lists. */
const MAX_RESULTS = 3;

/** What is shown behind the calls of layers in a range of a document. */
export function hintsIn(
  program: Program,
  document: TextDocument,
  range: Range,
  style: HintStyle,
): InlayHint[] {
  if (style === 'off') return [];
  const from = program.offsetOf(document, range.start);
  const to = program.offsetOf(document, range.end);
  const hints: InlayHint[] = [];
  for (const [end, uses] of usesByEnd(program.inference.uses)) {
    if (end < from || end > to) continue;
    const label = labelOf(uses, style);
    const place = label === null ? null : program.placeOf({ from: end, to: end });
    if (label === null || place === null || place.document.uri !== document.uri) continue;
    hints.push({
      position: afterClosing(document, place.range.end),
      label,
      kind: InlayHintKind.Type,
      paddingLeft: true,
    });
  }
  return hints;
}

/** The calls by where they end; a layer that is made elsewhere is shown there as well. */
function usesByEnd(uses: readonly Use[]): ReadonlyMap<number, readonly Use[]> {
  const found = new Map<number, Use[]>();
  const add = (end: number, use: Use): void => {
    const known = found.get(end);
    if (known === undefined) found.set(end, [use]);
    else known.push(use);
  };
  for (const use of uses) {
    if (use.layer.kind === 'layer' && use.layer.className.startsWith('ops.') && !isWritten(use)) continue;
    add(use.site.to, use);
    const made = use.layer.site;
    if (made !== null && made.to !== use.site.to && !isInside(made, use.site)) add(made.to, use);
  }
  return found;
}

/** An operator is not a call. */
const isWritten = ({ site }: Use): boolean => site.callee.kind !== 'none';

const isInside = (
  inner: { readonly from: number; readonly to: number },
  outer: { readonly from: number; readonly to: number },
): boolean => outer.from <= inner.from && inner.to <= outer.to;

/** `null` where nothing is known. */
function labelOf(uses: readonly Use[], style: HintStyle): string | null {
  const texts = uses.map((use) => textOf(use, style));
  const known = [...new Set(texts.filter((text) => text !== null))];
  if (known.length === 0 || texts.includes(null)) return null;
  const shown = known.slice(0, MAX_RESULTS).join(' | ');
  return known.length > MAX_RESULTS ? `${shown} | …` : shown;
}

function textOf({ outputs, params }: Use, style: HintStyle): string | null {
  if (outputs === null) return null;
  const shapes = outputs.map((shape: Shape) => kerasShape(shape, '?')).join(', ');
  if (style === 'shapes' || params === null || params === 0) return shapes;
  return l10n.t('{0} · {1} params', shapes, params.toLocaleString('en-US'));
}

/** Behind the brackets and commas that close the line. */
function afterClosing(document: TextDocument, position: InlayHint['position']): InlayHint['position'] {
  const line = document.getText({ start: position, end: { line: position.line + 1, character: 0 } });
  const closing = /^[)\],;]*(?=\s*(#|\/\/|\r?\n|$))/.exec(line)?.[0].length ?? 0;
  return { line: position.line, character: position.character + closing };
}
