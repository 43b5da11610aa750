import { fill, setAttributes, svg } from '../../dom';
import type { FlatScene } from '../scene';
import { barColour, barOf, barRange } from './bars';
import { type Picture, spread } from './picture';

const BAR_HEIGHT = 100;

/** A vector of many values: one narrow bar each, up for positive values of the raw map and down for negative ones. */
export function vectorPicture(scene: FlatScene): Picture {
  const bars = svg('svg', { class: 'map-bars', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  const values = Array.from({ length: scene.length }, (_, i) => scene.raw[i] ?? 0);
  const range = barRange(values);
  const { top, bottom } = range;
  const scale = top > bottom ? BAR_HEIGHT / (top - bottom) : 0;
  setAttributes(bars, { viewBox: `0 0 ${scene.length} ${BAR_HEIGHT}` });
  return spread([bars], { width: scene.length, height: 1 }, (colours) =>
    fill(
      bars,
      ...values.map((value, i) => {
        const [from, to] = barOf(value, range);
        return svg('rect', {
          x: i + 0.1,
          width: 0.8,
          y: (top - to) * scale,
          height: Number.isNaN(value) && scale === 0 ? BAR_HEIGHT : (to - from) * scale,
          fill: barColour(colours, value, scene),
        });
      }),
      svg('line', { class: 'zero-line', x1: 0, x2: scene.length, y1: top * scale, y2: top * scale }),
    ),
  );
}
