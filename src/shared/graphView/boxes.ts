import * as l10n from '@vscode/l10n';
import { shortCount } from '../amounts';
import { escapeHidden } from '../text';
import { fitText, textWidth } from './textWidth';
import { compactShape, type ViewNode } from './viewGraph';

/** Sizes of text in pixels. */
export const NAME_SIZE = 13;
export const DETAIL_SIZE = 11;
export const LABEL_SIZE = 10;

export const BOX_PADDING = 12;
const MIN_WIDTH = 120;
const MAX_WIDTH = 272;
/** Blocks of equal sizes are laid out once. */
const WIDTH_STEP = 8;
const BOX_HEIGHT = 62;
const PILL_HEIGHT = 42;
/** Beside the name of a group: the button that unfolds it. */
export const TOGGLE = 18;

/** The texts of a box, and the size that they need. */
export interface BoxText {
  readonly name: string;
  /** Class and activation; of an input or output its shape. */
  readonly detail: string;
  /** The output shape, at the left of the last line; empty for an input or output. */
  readonly shape: string;
  /** Parameters, at the right of the last line. */
  readonly params: string;
  readonly width: number;
  readonly height: number;
}

/** A name from a file: marks that change the direction of text are written as escapes, and no box shows more letters. */
const safe = (text: string): string => escapeHidden(text.slice(0, 400));

/** @param inside how many layers or operations a group contains */
export function boxText(node: ViewNode, inside: number): BoxText {
  const shape = shapesText(node);
  const label = safe(node.label);
  const isPill = node.kind === 'input' || node.kind === 'output';
  const detail = isPill ? `${node.kind} · ${shape}` : detailText(node, inside);
  const params = isPill ? '' : paramsText(node);
  const last = isPill ? 0 : textWidth(`${shape}  ${params}`, DETAIL_SIZE) + (params === '' ? 0 : 10);
  const toggle = node.kind === 'group' ? TOGGLE + 4 : 0;
  const wanted =
    Math.max(textWidth(label, NAME_SIZE, true) + toggle, textWidth(detail, DETAIL_SIZE), last) +
    2 * BOX_PADDING;
  const width = Math.ceil(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, wanted)) / WIDTH_STEP) * WIDTH_STEP;
  const room = width - 2 * BOX_PADDING;
  return {
    name: fitText(label, room - toggle, NAME_SIZE, true),
    detail: fitText(detail, room, DETAIL_SIZE),
    shape: isPill ? '' : fitText(shape, room - textWidth(params, DETAIL_SIZE) - 8, DETAIL_SIZE),
    params,
    width,
    height: isPill ? PILL_HEIGHT : BOX_HEIGHT,
  };
}

/** The heading of an unfolded group. */
export function frameTitle(node: ViewNode): { readonly name: string; readonly detail: string } {
  const parts = [safe(node.className), callText(node), paramsText(node)].filter((part) => part !== '');
  return {
    name: fitText(safe(node.label), MAX_WIDTH, NAME_SIZE, true),
    detail: fitText(parts.join(' · '), MAX_WIDTH, DETAIL_SIZE),
  };
}

function detailText(node: ViewNode, inside: number): string {
  const { className, activation, kind } = node;
  const parts = [
    className === 'scope' ? '' : safe(className),
    kind === 'group' ? insideText(className, inside) : safe(activation ?? ''),
    callText(node),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** How many operations of a scope, or layers of a model, a folded group stands for. */
function insideText(className: string, inside: number): string {
  if (className === 'scope') return inside === 1 ? l10n.t('1 operation') : l10n.t('{0} operations', inside);
  return inside === 1 ? l10n.t('1 layer') : l10n.t('{0} layers', inside);
}

/** `call 2 of 3`; empty for a layer that is called once. */
export const callText = ({ call }: ViewNode): string =>
  call === undefined ? '' : l10n.t('call {0} of {1}', call.number, call.of);

type ParamCounts = Pick<ViewNode, 'params' | 'paramsAreLowerBound'>;

/** `1.31 k params`; empty for a box without parameters. */
export function paramsText({ params, paramsAreLowerBound }: ParamCounts): string {
  if (params === 0) return paramsAreLowerBound ? l10n.t('unknown params') : '';
  return l10n.t('{0} params', paramsCount({ params, paramsAreLowerBound }));
}

/** The same without the word: `1.31 k`. */
export const paramsCount = ({ params, paramsAreLowerBound }: ParamCounts): string =>
  params === 0 && !paramsAreLowerBound
    ? ''
    : params === 0
      ? l10n.t('unknown')
      : `${paramsAreLowerBound ? '≥ ' : ''}${shortCount(params)}`;

/** The first output shape, and how many more there are. */
export function shapesText({ outputShapes }: Pick<ViewNode, 'outputShapes'>): string {
  const [first = null, ...rest] = outputShapes;
  return rest.length === 0 ? compactShape(first) : `${compactShape(first)} +${rest.length}`;
}
