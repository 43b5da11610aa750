import * as l10n from '@vscode/l10n';
import { byteText, fullCount, parameterText, trainableText } from '../../shared/amounts';
import { kerasShape } from '../../shared/kerasShape';
import type { LayerRow, MaybeShape, ModelSummary } from '../../shared/model';
import { plain } from '../../shared/text';

/** Layers of one name that a hover describes; further ones are only counted. */
const MAX_ROWS = 4;
const MAX_INPUTS = 8;
/** A cut-up model may have hundreds. */
const MAX_OUTPUTS = 8;

/** Of the classes that a layer predicts. */
export interface ClassNames {
  readonly names: readonly string[];
  /** Where they come from. */
  readonly from: string;
}
/** Class names that a hover lists. */
const MAX_CLASSES = 5;

/** The rows that a name may refer to: the row of that path, else every row of that name, also in nested models. */
export function findRows(summary: ModelSummary, name: string): LayerRow[] {
  const exact = summary.layers.filter((row) => row.path === name || row.path.replace(/@\d+/g, '') === name);
  return exact.length > 0 ? exact : summary.layers.filter((row) => row.name === name);
}

/**
 * The hover text: class, input and output shapes, parameters, activation. Names are escaped, because files are untrusted.
 * @param classes of a layer that computes an output of the model.
 */
export function hoverMarkdown(
  rows: readonly LayerRow[],
  summary: ModelSummary,
  fileName: string,
  classes: ClassNames | null = null,
): string {
  const blocks = rows.slice(0, MAX_ROWS).map((row) => describe(row, summary));
  const rest = rows.length - MAX_ROWS;
  return [
    ...blocks,
    ...(rest > 0 ? [l10n.t('and {0} more layers of this name', rest)] : []),
    ...(classes === null ? [] : [classesText(classes)]),
    `*${escapeMarkdown(fileName)}*`,
  ].join('\n\n');
}

function classesText({ names, from }: ClassNames): string {
  const rest = names.length - MAX_CLASSES;
  const first = names.slice(0, MAX_CLASSES).map(escapeMarkdown).join(', ');
  return l10n.t(
    'Classes: {0} ({1})',
    ...[rest > 0 ? l10n.t('{0} and {1} more', first, rest) : first, escapeMarkdown(from)],
  );
}

function describe(row: LayerRow, summary: ModelSummary): string {
  const inputs = inputShapes(row, summary);
  const lines = [
    `**${escapeMarkdown(row.path)}** ${escapeMarkdown(row.className)}`,
    ...(inputs.length > 0 ? [l10n.t('Input: {0}', inputs.join(', '))] : []),
    l10n.t('Output: {0}', outputShapes(row).join(', ')),
    l10n.t('Parameters: {0}{1}', parameterText(row.params, row.paramsAreLowerBound), trainableText(row)),
    ...costs(row),
    ...(row.activation === null ? [] : [l10n.t('Activation: {0}', escapeMarkdown(row.activation))]),
    ...(row.notice === undefined ? [] : [escapeMarkdown(row.notice)]),
    ...(row.unknownBecause !== undefined && row.notice === undefined
      ? [l10n.t('Unknown because of {0}', escapeMarkdown(row.unknownBecause))]
      : []),
  ];
  return lines.join('  \n');
}

/** In Markdown; only the first shapes of a layer with many inputs. */
function inputShapes({ inbound, inboundOutputs }: LayerRow, summary: ModelSummary): string[] {
  const first = inbound.slice(0, MAX_INPUTS);
  const wanted = new Set(first);
  const from = new Map(
    summary.layers.flatMap((row) => (wanted.has(row.path) ? [[row.path, row] as const] : [])),
  );
  const shapes = first.map((path, i) =>
    code(shapeText(from.get(path)?.outputShapes[inboundOutputs[i] ?? 0] ?? hiddenInput(path, summary))),
  );
  const rest = inbound.length - first.length;
  return rest > 0 ? [...shapes, l10n.t('and {0} more', rest)] : shapes;
}

function outputShapes({ outputShapes }: LayerRow): string[] {
  const shapes = outputShapes.slice(0, MAX_OUTPUTS).map((shape) => code(shapeText(shape)));
  const rest = outputShapes.length - shapes.length;
  return rest > 0 ? [...shapes, l10n.t('and {0} more', rest)] : shapes;
}

/** The cost of one example; empty if a size is unknown. */
function costs({ multiplyAdds, activationBytes }: LayerRow): string[] {
  const parts = [
    ...(multiplyAdds === null || multiplyAdds === 0
      ? []
      : [l10n.t('{0} multiply-adds', fullCount(multiplyAdds))]),
    ...(activationBytes === null ? [] : [l10n.t('{0} of activation memory', byteText(activationBytes))]),
  ];
  return parts.length === 0 ? [] : [l10n.t('For one example: {0}', parts.join(', '))];
}

/** The first layer of a Sequential takes an input that is not a row. */
const hiddenInput = (path: string, summary: ModelSummary): MaybeShape =>
  summary.inputs.find((input) => input.name === path)?.shape ?? null;

const code = (text: string): string => `\`${text}\``;

const shapeText = (shape: MaybeShape): string => kerasShape(shape, 'unknown');

/** Names from a model file must not become links, HTML or commands. */
export const escapeMarkdown = (text: string): string =>
  plain(text).replace(/[\\`*_{}[\]()#+\-.!<>|&~$:]/g, (letter) => `\\${letter}`);
