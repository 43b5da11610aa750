import * as l10n from '@vscode/l10n';
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fullCount } from '../../../shared/amounts';
import { kerasShape } from '../../../shared/kerasShape';
import type { Use } from '../../python/machine';
import type { PythonProgram } from './pythonSource';

/** Different results of one call, as in a loop, that a hover lists. */
const MAX_CALLS = 5;

/** The hover over a call of a layer; `null` elsewhere. */
export function pythonHover(
  program: PythonProgram,
  document: TextDocument,
  position: Position,
): Hover | null {
  const offset = program.offsetOf(document, position);
  const around = program.inference.uses.filter(({ site, layer }) => {
    const place = layer.site ?? site;
    const callee = 'callee' in place ? place.callee : place;
    return callee.from <= offset && offset <= callee.to;
  });
  const innermost = around.reduce<Use | null>(
    (best, use) => (best === null || widthOf(use) < widthOf(best) ? use : best),
    null,
  );
  if (innermost === null) return null;
  const calls = around.filter((use) => widthOf(use) === widthOf(innermost));
  const value = calls.slice(0, MAX_CALLS).map(describe).join('\n\n---\n\n');
  return { contents: { kind: MarkupKind.Markdown, value } };
}

const widthOf = ({ site, layer }: Use): number => {
  const { callee } = layer.site ?? site;
  return callee.to - callee.from;
};

function describe({ layer, inputs, outputs, params, multiplyAdds }: Use): string {
  const className = layer.className.replace(/^ops\./, 'keras.ops.');
  const title = layer.name === null ? `**${className}**` : `**${className}** \`${layer.name}\``;
  const shapes = (list: readonly (readonly (number | null)[] | null)[]): string =>
    list.map((shape) => `\`${kerasShape(shape, l10n.t('unknown'))}\``).join(', ');
  const lines = [
    ...(inputs.length === 0 ? [] : [l10n.t('Input: {0}', shapes(inputs))]),
    ...(outputs === null ? [] : [l10n.t('Output: {0}', shapes(outputs))]),
    ...(params === null ? [] : [l10n.t('Parameters: {0}', fullCount(params))]),
    ...(multiplyAdds === null || multiplyAdds === 0
      ? []
      : [l10n.t('Multiply-adds for one example: {0}', fullCount(multiplyAdds))]),
  ];
  return [title, ...lines].join('\n\n');
}
