import type { Thumbnail } from '../../shared/results/gallery';
import { paint } from '../canvas';
import { el } from '../dom';
import { icon } from '../icons';
import { tensorValues } from '../tensor';

/** A picture of an input, its beginning as text, or a sign that it cannot be read. */
export function thumbnailElement(thumbnail: Thumbnail): HTMLElement | SVGElement {
  if (thumbnail.kind === 'text') return el('span', { class: 'text' }, thumbnail.text);
  if (thumbnail.kind === 'failed') return icon('warning');
  const [height = 1, width = 1] = thumbnail.image.shape;
  const values = tensorValues(thumbnail.image);
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    image.data.set(values.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
    image.data[pixel * 4 + 3] = 255;
  }
  const canvas = el('canvas', { class: height === 1 ? 'strip' : null });
  paint(canvas, image);
  return canvas;
}
