import * as l10n from '@vscode/l10n';
import { colourTable } from '../../../shared/maps/colourMaps';
import type { ChannelSource } from '../../../shared/results/channels';
import { receptiveFieldText } from '../../../shared/results/tracing';
import { overlay, paint } from '../../canvas';
import { el, fill, setAttributes, svg } from '../../dom';
import { tensorValues } from '../../tensor';

/** The input of the model with what one position of a layer sees of it. */
export function fieldView(): {
  readonly element: HTMLElement;
  setSource(source: ChannelSource | null, layer: string): void;
  /** Marks the window of a position; `null` marks none. */
  mark(position: readonly number[] | null): void;
} {
  const image = el('canvas', { 'aria-hidden': 'true' });
  const marks = svg('svg', { preserveAspectRatio: 'none', role: 'img' });
  const box = el('div', { class: 'input-box' }, image, marks);
  const text = el('p', { class: 'quiet' });
  const place = el('p', { class: 'quiet', role: 'status' });
  const element = el(
    'figure',
    { class: 'field-view', hidden: true },
    el('h3', {}, l10n.t('On the input')),
    box,
    text,
    place,
  );
  let source: ChannelSource | null = null;

  return {
    element,
    setSource(next, layer) {
      source = next;
      element.hidden = next === null;
      if (next === null) return;
      const [height, width] = next.size.length > 1 ? next.size.slice(-2) : [1, next.size[0] ?? 1];
      box.classList.toggle('strip', next.size.length < 2);
      box.style.setProperty('aspect-ratio', next.size.length < 2 ? 'auto' : `${width} / ${height}`);
      setAttributes(marks, {
        viewBox: `0 0 ${width} ${height}`,
        'aria-label': l10n.t('The input {0}', next.input),
      });
      image.hidden = next.image === null;
      if (next.image !== null) {
        const rgb = Uint8Array.from(tensorValues(next.image));
        paint(image, overlay({ width: width ?? 1, height: height ?? 1, rgb }, [], colourTable('greys'), 0));
      }
      text.textContent = `${receptiveFieldText(layer, next.field)}.`;
    },
    mark(position) {
      fill(marks);
      place.textContent = '';
      if (source === null || position === null || source.field.kind !== 'window') return;
      const { field, size } = source;
      const spans = field.axes.map((axis, i): readonly [number, number] => {
        const start = (position[i] ?? 0) * axis.stride - axis.padding;
        const end = Math.min(size[i] ?? 1, Math.floor(start + axis.size));
        return [Math.max(0, Math.ceil(start)), Math.max(0, end)];
      });
      const [top, bottom] = spans.length > 1 ? (spans.at(-2) ?? [0, 1]) : [0, 1];
      const [left, right] = spans.at(-1) ?? [0, 1];
      fill(
        marks,
        svg('rect', { class: 'window', x: left, y: top, width: right - left, height: bottom - top }),
      );
      place.textContent = l10n.t(
        'Sees {0} of the input {1}.',
        spans.map(([start, end]) => `${start}:${end}`).join(', '),
        source.input,
      );
    },
  };
}
