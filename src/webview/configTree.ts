import * as l10n from '@vscode/l10n';
import { el, fill } from './dom';

/** Longer lists are folded. */
const MAX_OPEN = 12;

/**
 * A JSON value: a table of names and values; a short list of plain values on one line; what is nested as a part that can be
 * folded. Texts from files are shown as text.
 */
export function configTree(value: unknown): HTMLElement {
  if (!isContainer(value)) return el('code', {}, plainText(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return el('code', { class: 'quiet' }, Array.isArray(value) ? '[]' : '{}');
  if (Array.isArray(value) && value.length <= MAX_OPEN && !value.some(isContainer))
    return el('code', {}, `[${value.map(plainText).join(', ')}]`);
  return el('dl', { class: 'config-tree' }, ...entries.map(([key, inner]) => entry(key, inner)));
}

function entry(key: string, value: unknown): HTMLElement {
  if (!isNested(value)) return el('div', {}, el('dt', {}, key), el('dd', {}, configTree(value)));
  const details = el('details', { open: Object.keys(value).length <= MAX_OPEN });
  const heading = el(
    'summary',
    {},
    el('span', {}, key),
    el('span', { class: 'quiet' }, ` ${summaryOf(value)}`),
  );
  const draw = () => fill(details, heading, configTree(value));
  if (details.open) draw();
  else {
    details.append(heading);
    details.addEventListener('toggle', draw, { once: true });
  }
  return el('div', { class: 'nested' }, el('dd', {}, details));
}

type Container = Readonly<Record<string, unknown>> | readonly unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const isNested = (value: unknown): value is Container =>
  isContainer(value) &&
  Object.keys(value).length > 0 &&
  !(Array.isArray(value) && value.length <= MAX_OPEN && !value.some(isContainer));

/** What is inside a folded part. */
function summaryOf(value: Container): string {
  if (Array.isArray(value)) return l10n.t('{0} values', value.length);
  const name = Object.entries(value).find(([key]) => key === 'class_name')?.[1];
  return typeof name === 'string' ? name : l10n.t('{0} entries', Object.keys(value).length);
}

const plainText = (value: unknown): string => JSON.stringify(value) ?? 'undefined';
