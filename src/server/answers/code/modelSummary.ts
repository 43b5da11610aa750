import * as l10n from '@vscode/l10n';
import { fullCount } from '../../../shared/amounts';
import { kerasShape } from '../../../shared/kerasShape';
import { paramsOf } from '../../code/keras/call';
import { classNameOf } from '../../code/rows';
import { type SummaryRow, summaryOf } from '../../code/summary';
import type { Model } from '../../code/values';
import { escapeMarkdown } from '../../language/layerHover';

/** Layers that a hover lists. */
const MAX_LAYERS = 40;
/** Different shapes of one layer that are listed. */
const MAX_SHAPES = 3;

/** The summary of a model in Markdown; `null` where its layers are not known. */
export function summaryMarkdown(model: Model): string | null {
  const rows = summaryOf(model);
  if (rows === null || rows.length === 0) return null;
  const shown = rows.slice(0, MAX_LAYERS);
  const rest = rows.length - shown.length;
  const table = [
    `| ${l10n.t('Layer')} | ${l10n.t('Output')} | ${l10n.t('Parameters')} |`,
    '| --- | --- | ---: |',
    ...shown.map((row) => `| ${titleOf(row)} | ${shapesOf(row)} | ${fullCount(row.params)} |`),
  ].join('\n');
  return [
    titleOf({ name: model.name, className: classNameOf(model) }),
    table,
    ...(rest > 0 ? [rest === 1 ? l10n.t('and 1 more layer') : l10n.t('and {0} more layers', rest)] : []),
    l10n.t('Parameters: {0}', fullCount(paramsOf(model))),
  ].join('\n\n');
}

/** Class and name of a layer. */
export function titleOf({ name, className }: Pick<SummaryRow, 'name' | 'className'>): string {
  const title = `**${escapeMarkdown(className)}**`;
  return name === null ? title : `${title} ${escapeMarkdown(name)}`;
}

function shapesOf({ outputShapes }: SummaryRow): string {
  const shown = outputShapes.slice(0, MAX_SHAPES).map((shape) => `\`${kerasShape(shape, '')}\``);
  if (outputShapes.length > shown.length) shown.push('…');
  return shown.length === 0 ? l10n.t('unknown') : shown.join(', ');
}
