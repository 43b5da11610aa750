import { narrowed, overlay, paint } from '../../canvas';
import { el } from '../../dom';
import type { ImageScene } from '../scene';
import { axis } from './axis';
import { maskOutline } from './maskOutline';
import { type Picture, spread } from './picture';

/** Narrow strips are drawn with at most this many columns: columns narrower than a pixel could vanish. */
const MAX_COLUMNS = 480;

/** An image, or a sequence as a strip, with the map over it. */
export function imagePicture(scene: ImageScene): Picture {
  const { below, heat, mask } = scene;
  const canvas = el('canvas', { class: 'map-canvas' });
  const outline = mask === null ? null : maskOutline(mask);
  const isStrip = scene.kind === 'strip';
  const elements = isStrip
    ? [el('div', { class: 'plot' }, canvas), axis(below.width, 1)]
    : [canvas, ...(outline === null ? [] : [outline])];
  const size = { width: below.width, height: isStrip ? 1 : below.height };
  return spread(elements, size, ({ table, isSigned, opacity }) => {
    const isLong = isStrip && below.width > MAX_COLUMNS;
    const drawn = isLong ? narrowed(below, heat, MAX_COLUMNS, isSigned ? 0.5 : 0) : { image: below, heat };
    paint(canvas, overlay(drawn.image, drawn.heat, table, opacity));
  });
}
