import type { AxisPlacement } from '../../shared/explanation';
import { resizeNearest } from '../../shared/maps/resize';
import type { ExplanationPictureParams } from '../../shared/protocol';
import {
  type ExplanationPicture,
  MAX_PICTURES,
  type MapPicture,
  type StrongPosition,
} from '../../shared/results/explanationPicture';
import type { Span } from '../../shared/results/tracing';
import { topIndices } from '../explain/ranking';
import { enlarged } from '../render/maskOutline';
import { encodePng } from '../render/png';
import type { RgbImage } from '../render/rgbImage';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';
import { type DrawableMap, explainRun } from './explanation';
import { heatMapImages } from './heatMapFiles';
import { unravelIndex } from './volumeSlice';

/** Sides of a picture in pixels: a language model sees little of a smaller one, and gets a larger one scaled down. */
const MIN_SIDE = 256;
const MAX_SIDE = 1024;
const STRONGEST = 5;

/** @throws Failure as an explanation does. */
export async function explanationPicture(
  run: Run,
  params: ExplanationPictureParams,
  control: Control,
): Promise<ExplanationPicture> {
  const explained = await explainRun(run, params, control);
  const pictures = explained.maps.slice(0, MAX_PICTURES).map((map): MapPicture => {
    const { width, height, rgb } = fitted(heatMapImages(explained, map, params)['overlay.png']());
    const png = Buffer.from(encodePng(rgb, width, height)).toString('base64');
    return { input: map.drawing.input, width, height, png, strongest: strongest(map) };
  });
  return { header: explained.header, pictures };
}

function fitted(image: RgbImage): RgbImage {
  const { width, height, rgb } = image;
  const longer = Math.max(width, height);
  if (longer <= MAX_SIDE) return enlarged(image, Math.ceil(Math.min(MIN_SIDE, MAX_SIDE / 2) / longer));
  const scaled = (side: number): number => Math.max(1, Math.round((side * MAX_SIDE) / longer));
  const [outWidth, outHeight] = [scaled(width), scaled(height)];
  const resized = resizeNearest(Float32Array.from(rgb), [height, width, 3], outHeight, outWidth);
  return { width: outWidth, height: outHeight, rgb: Uint8Array.from(resized) };
}

function strongest({ map, display, drawing: { names, placement, onInput } }: DrawableMap): StrongPosition[] {
  const sizes = map.values.map((value) => Math.abs(value));
  // The map at the size of the input; of a volume it is one slice, whose size is not that of the input.
  const input = onInput && display.shape.length === map.shape.length ? display.shape : null;
  const found = topIndices(sizes, STRONGEST).filter((flat) => (sizes[flat] ?? 0) > 0);
  return found.map((flat) => {
    const position = unravelIndex(flat, map.shape);
    return {
      position,
      name: names?.values.length === map.values.length ? (names.values[flat] ?? null) : null,
      value: map.values[flat] ?? Number.NaN,
      onInput:
        placement && input ? position.map((at, axis) => cellOn(placement[axis], at, input[axis] ?? 1)) : null,
    };
  });
}

/** The positions of the input that a cell covers, whole ones. */
function cellOn(placement: AxisPlacement | undefined, at: number, size: number): Span {
  const { centre = 0, stride = 1 } = placement ?? {};
  const clip = (edge: number): number => Math.max(0, Math.min(size, edge));
  const middle = centre + at * stride + 0.5;
  return [clip(Math.floor(middle - stride / 2)), clip(Math.ceil(middle + stride / 2))];
}
