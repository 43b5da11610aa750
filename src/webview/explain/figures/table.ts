import { el } from '../../dom';
import { formatNumber } from '../../format';
import type { FlatScene } from '../scene';
import { barColour, barOf, barRange } from './bars';
import { type Picture, pieces } from './picture';

/** The values of a table's row in their order: name, input value, a bar to the left or right of zero, map value. */
export function tablePicture(scene: FlatScene): Picture {
  const values = Array.from({ length: scene.length }, (_, i) => scene.raw[i] ?? 0);
  const range = barRange(values);
  const { bottom, top } = range;
  const shareOf = (value: number) => (top > bottom ? (value - bottom) / (top - bottom) : 0);
  const rows = values.map((value, i) => {
    const name = scene.names?.values[i] ?? String(i);
    const input = scene.inputAt(i);
    const bar = el('div', { class: 'row-bar' });
    const [from, to] = top > bottom ? barOf(value, range) : [0, 0];
    bar.style.setProperty('--from', String(shareOf(from)));
    bar.style.setProperty('--to', top > bottom ? String(shareOf(to)) : Number.isNaN(value) ? '1' : '0');
    const title = `${name}${input === '' ? '' : ` = ${input}`}: ${formatNumber(value)}`;
    return el(
      'div',
      { class: 'table-row', 'data-piece': true, title },
      el('span', { class: 'row-name' }, name),
      el('span', { class: 'row-input quiet' }, input),
      el('div', { class: 'row-track' }, bar),
      el('span', { class: 'row-value' }, formatNumber(value)),
    );
  });
  const table = el('div', { class: 'rows', 'aria-hidden': 'true' });
  table.style.setProperty('--zero', String(shareOf(0)));
  return pieces(table, rows, (row, i, colours) => {
    const bar = row.querySelector<HTMLElement>('.row-bar');
    bar?.style.setProperty('background-color', barColour(colours, values[i] ?? 0, scene));
  });
}
