import { basename, join, resolve } from 'node:path';
import type { ColourMapName } from '../../shared/colourMaps';
import type { ExportFormat } from '../../shared/protocol';
import { resizeNearest } from '../../shared/resize';
import { writeNpy } from '../inputs/arrays/npy';
import { writeAllOrNone } from '../io/writeFile';
import { asStrip, colourMapped, overlay, sideBySide } from '../render/overlay';
import { encodePng } from '../render/png';
import type { RgbImage } from '../render/rgbImage';
import { svgDrawing } from '../render/svg';
import type { DrawableExplanation } from './explanation';

export interface HeatMapStyle {
  readonly colourMap: ColourMapName;
  /** 0..1: how much of the heat map covers the input. */
  readonly opacity: number;
}

/** The content of a file in one format. `.npy` contains the raw map, unnormalised, at layer resolution. */
export function renderHeatMap(
  explained: DrawableExplanation,
  format: ExportFormat,
  drawing: HeatMapStyle,
): Uint8Array {
  if (format === 'npy') return writeNpy(explained.raw.values, explained.raw.shape);
  const map = mapImage(explained, drawing.colourMap);
  if (format === 'map.png') return png(asStrip(map));
  const input = inputImage(explained, map);
  const over = input ? overlay(input, map, drawing.opacity) : map;
  if (format === 'overlay.png') return png(asStrip(over));
  if (format === 'side-by-side.png')
    return png(sideBySide((input ? [input, map, over] : [map]).map((p) => asStrip(p))));
  const { sentence, map: range } = explained.explanation;
  const hasNan = explained.display.values.some((value) => Number.isNaN(value));
  const { colourMap } = drawing;
  return Buffer.from(svgDrawing({ image: over, title: sentence, colourMap, top: range.top, hasNan }));
}

function mapImage({ display }: DrawableExplanation, colourMap: ColourMapName): RgbImage {
  const [first = 1, second] = display.shape;
  const [height, width] = second === undefined ? [1, first] : [first, second];
  return colourMapped({ height, width, values: display.values }, colourMap);
}

/** The input at the size of the map; `null` when it is not an image. */
function inputImage({ explanation }: DrawableExplanation, map: RgbImage): RgbImage | null {
  const image = explanation.inputImage;
  if (!image) return null;
  const [height = 1, width = 1] = image.shape;
  const rgb = new Uint8Array(Buffer.from(image.data, 'base64'));
  if (height === map.height && width === map.width) return { width, height, rgb };
  const resized = resizeNearest(Float32Array.from(rgb), [height, width, 3], map.height, map.width);
  return { width: map.width, height: map.height, rgb: Uint8Array.from(resized) };
}

const png = (image: RgbImage): Uint8Array => encodePng(image.rgb, image.width, image.height);

/**
 * Writes `<folder>/<base>.<format>` for each format: all of them or none.
 * @returns the paths. @throws Failure `write-failed`, naming the file.
 */
export function writeHeatMapFiles(
  explained: DrawableExplanation,
  folder: string,
  base: string,
  formats: readonly ExportFormat[],
  drawing: HeatMapStyle,
): string[] {
  const files = formats.map((format) => ({
    format,
    path: join(resolve(folder), `${basename(base)}.${format}`),
  }));
  writeAllOrNone((add) => {
    for (const { format, path } of files) add(path, renderHeatMap(explained, format, drawing));
  });
  return files.map(({ path }) => path);
}
