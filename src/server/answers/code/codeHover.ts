import * as l10n from '@vscode/l10n';
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fullCount } from '../../../shared/amounts';
import { kerasShape } from '../../../shared/kerasShape';
import type { MaybeShape } from '../../../shared/model';
import { formulasOf } from '../../code/keras/explained';
import type { Use } from '../../code/machine';
import { classNameOf } from '../../code/rows';
import type { Span } from '../../code/syntax/ast';
import { summaryMarkdown, titleOf } from './modelSummary';
import type { Program } from './programs';

/** Different results of one call, as in a loop, that a hover lists. */
const MAX_CALLS = 5;
/** Weights of one layer that are listed. */
const MAX_WEIGHTS = 8;

/** The hover over a call of a layer, or the name of a model; `null` elsewhere. */
export function codeHover(program: Program, document: TextDocument, position: Position): Hover | null {
  const offset = program.offsetOf(document, position);
  const { uses, mentions } = program.inference;
  const calls = innermost(uses, placeOf, offset);
  const [mention] = innermost(mentions, ({ at }) => at, offset).slice(-1);
  const texts = [...new Set(calls.slice(0, MAX_CALLS).map(describe))];
  const summary = mention === undefined ? null : summaryMarkdown(mention.model);
  const value = [...texts, ...(summary === null ? [] : [summary])].join('\n\n---\n\n');
  return value === '' ? null : { contents: { kind: MarkupKind.Markdown, value } };
}

/** Where the class of a layer is written, or what is called where the layer was made elsewhere. */
function placeOf({ site, layer }: Use): Span {
  const { callee } = layer.site ?? site;
  return callee;
}

/** Those at the narrowest place around an offset. */
function innermost<T>(all: readonly T[], place: (item: T) => Span, offset: number): readonly T[] {
  const around = all.filter((item) => place(item).from <= offset && offset <= place(item).to);
  const width = (item: T): number => place(item).to - place(item).from;
  const least = Math.min(...around.map(width));
  return around.filter((item) => width(item) === least);
}

function describe(use: Use): string {
  const { layer, inputs, outputs, params, multiplyAdds } = use;
  const className = classNameOf(layer).replace(/^ops\./, 'keras.ops.');
  const terms = weightsText(use);
  return [
    titleOf({ name: layer.name, className }),
    ...(inputs.length === 0 ? [] : [l10n.t('Input: {0}', shapesText(inputs))]),
    ...(outputs === null ? [] : [l10n.t('Output: {0}', shapesText(outputs))]),
    ...sizesText(use),
    ...(params === null
      ? []
      : terms === null
        ? [l10n.t('Parameters: {0}', fullCount(params))]
        : [l10n.t('Parameters: {0} = {1}', fullCount(params), terms)]),
    ...(multiplyAdds === null || multiplyAdds === 0
      ? []
      : [l10n.t('Multiply-adds for one example: {0}', fullCount(multiplyAdds))]),
  ].join('\n\n');
}

const shapesText = (shapes: readonly MaybeShape[]): string =>
  shapes.map((shape) => `\`${kerasShape(shape, l10n.t('unknown'))}\``).join(', ');

/** How the sizes of the output are computed; axes with one formula together. */
function sizesText(use: Use): string[] {
  const axes = new Map<string, number[]>();
  for (const { axis, text } of formulasOf(use)) axes.set(text, [...(axes.get(text) ?? []), axis]);
  return [...axes].map(([text, found]) =>
    found.length === 1
      ? l10n.t('Axis {0}: {1}', found.join(), `\`${text}\``)
      : l10n.t('Axes {0}: {1}', found.join(', '), `\`${text}\``),
  );
}

/** `kernel 3 * 3 * 1 * 32 + bias 32`; `null` where there is nothing to add up. */
function weightsText({ layer, params }: Use): string | null {
  if (layer.kind === 'model') return null;
  const weights = layer.built.value?.weights?.filter(({ counted }) => counted !== false) ?? [];
  if (weights.length === 0 || weights.length > MAX_WEIGHTS || layer.built.value?.count !== params)
    return null;
  const isPlain = weights.length === 1 && (weights[0]?.shape.length ?? 0) < 2;
  return isPlain
    ? null
    : `\`${weights.map(({ name, shape }) => `${name} ${shape.join(' * ') || 1}`).join(' + ')}\``;
}
