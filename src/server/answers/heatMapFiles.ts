import { basename, join, parse, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { type ColourMapName, coloursFor } from '../../shared/maps/colourMaps';
import type { GridMask } from '../../shared/maps/maskOutline';
import { resizeNearest } from '../../shared/maps/resize';
import type { ExportFormat } from '../../shared/protocol';
import { writeNpy } from '../inputs/arrays/npy';
import { writeAllOrNone } from '../io/writeFile';
import { enlarged, outlineScale, withOutline } from '../render/maskOutline';
import { asStrip, colourMapped, overlay, sideBySide } from '../render/overlay';
import { encodePng } from '../render/png';
import type { RgbImage } from '../render/rgbImage';
import { type SvgBody, svgDrawing } from '../render/svg';
import { lettersBody, tableBody, wordsBody } from '../render/svgBodies';
import type { DrawableExplanation, DrawableMap } from './explanation';

/** A longer row of a table is drawn as a strip. */
const MAX_ROWS = 1000;

export interface HeatMapStyle {
  readonly colourMap: ColourMapName;
  /** 0..1: how much of the heat map covers the input. */
  readonly opacity: number;
}

/** The content of a file in one format. `.npy` contains the raw map: signed, with channels, unnormalised. */
export function renderHeatMap(
  explained: Pick<DrawableExplanation, 'header' | 'maps' | 'found'>,
  format: ExportFormat,
  style: HeatMapStyle,
  index = 0,
): Uint8Array {
  const { header, maps } = explained;
  const map = maps[index] ?? fail('internal', l10n.t('There is no map {0}.', index));
  if (format === 'npy') return writeNpy(map.raw.values, map.raw.shape);
  if (format === 'map.png' || format === 'overlay.png')
    return png(heatMapImages(explained, map, style)[format]());
  const colourMap = coloursFor(header.display, style.colourMap);
  const heat = mapImage(map, colourMap);
  const { input, over, mask, scale, outlined } = drawn(explained, map, heat, style.opacity);
  if (format === 'side-by-side.png') {
    const others = input ? [input, heat] : [];
    return png(sideBySide([...others.map((p) => enlarged(asStrip(p), scale)), outlined()]));
  }
  const hasNan = map.display.values.some((value) => Number.isNaN(value));
  const { top } = map.drawing.map;
  const from = header.display === 'signed' ? -top : 0;
  const body = bodyOf(map, colourMap, style.opacity);
  const drawing = { image: over, title: header.sentence, colourMap, from, top, hasNan };
  return Buffer.from(svgDrawing({ ...drawing, ...(body && { body }), ...(mask && { mask }) }));
}

/** How one map is drawn as a picture: alone, and over its input. Its colours are looked up once for both. */
export function heatMapImages(
  explained: Pick<DrawableExplanation, 'header' | 'found'>,
  map: DrawableMap,
  style: HeatMapStyle,
): Readonly<Record<'map.png' | 'overlay.png', () => RgbImage>> {
  const heat = mapImage(map, coloursFor(explained.header.display, style.colourMap));
  return {
    'map.png': () => asStrip(heat),
    'overlay.png': () => drawn(explained, map, heat, style.opacity).outlined(),
  };
}

function drawn(
  explained: Pick<DrawableExplanation, 'header' | 'found'>,
  map: DrawableMap,
  heat: RgbImage,
  opacity: number,
) {
  const input = inputImage(map, heat);
  const over = input ? overlay(input, heat, opacity) : heat;
  const mask = outlinedMask(explained, heat);
  const scale = mask ? outlineScale(over) : 1;
  const outlined = (): RgbImage => (mask ? withOutline(enlarged(over, scale), mask) : asStrip(over));
  return { input, over, mask, scale, outlined };
}

/** The positions over which the score is averaged, where the page outlines them: on an image, unless it is all of them. */
function outlinedMask(
  { header, found: { mask } }: Pick<DrawableExplanation, 'header' | 'found'>,
  heat: RgbImage,
): GridMask | null {
  const { positions } = header.target;
  if (mask === null || positions === null || positions.what === 'all' || heat.height === 1) return null;
  const [height, width] = mask.shape;
  if (height === undefined || width === undefined || mask.shape.length !== 2) return null;
  return { height, width, values: mask.values };
}

/** Words, letters or columns with the map, where they are known. */
function bodyOf(
  { drawing, display, map }: DrawableMap,
  colourMap: ColourMapName,
  opacity: number,
): SvgBody | null {
  const { names } = drawing;
  if (names === null || names.values.length !== display.values.length) return null;
  const named = { names: names.values, heat: display.values, colourMap, opacity };
  if (names.kind === 'tokens') return wordsBody(named);
  if (names.kind === 'letters') return lettersBody(named);
  const isTable = map.values.length === names.values.length && names.values.length <= MAX_ROWS;
  return isTable ? tableBody(named, map.values) : null;
}

function mapImage({ display }: DrawableMap, colourMap: ColourMapName): RgbImage {
  const [first = 1, second] = display.shape;
  const [height, width] = second === undefined ? [1, first] : [first, second];
  return colourMapped({ height, width, values: display.values }, colourMap);
}

/** The input at the size of the map; `null` when it is not an image. */
function inputImage({ drawing }: DrawableMap, map: RgbImage): RgbImage | null {
  const image = drawing.inputImage;
  if (!image) return null;
  const [height = 1, width = 1] = image.shape;
  const rgb = new Uint8Array(Buffer.from(image.data, 'base64'));
  if (height === map.height && width === map.width) return { width, height, rgb };
  const resized = resizeNearest(Float32Array.from(rgb), [height, width, 3], map.height, map.width);
  return { width: map.width, height: map.height, rgb: Uint8Array.from(resized) };
}

const png = (image: RgbImage): Uint8Array => encodePng(image.rgb, image.width, image.height);

/** `map.npy` for the first map; `map.1.npy` for the second one of several, and then `map.0.npy` for the first. */
export function mapFilePath(path: string, index: number, count: number): string {
  if (count === 1) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.${index}${ext}`);
}

/**
 * Writes `<folder>/<base>.<format>` for each format, and `<base>.<i>.<format>` where there are several maps: all or none.
 * @returns the paths. @throws Failure `write-failed`, naming the file.
 */
export function writeHeatMapFiles(
  explained: DrawableExplanation,
  folder: string,
  base: string,
  formats: readonly ExportFormat[],
  style: HeatMapStyle,
): string[] {
  const { maps } = explained;
  const files = formats.flatMap((format) =>
    maps.map((_, index) => {
      const name = maps.length === 1 ? basename(base) : `${basename(base)}.${index}`;
      return { format, index, path: join(resolve(folder), `${name}.${format}`) };
    }),
  );
  writeAllOrNone((add) => {
    for (const { format, path, index } of files) add(path, renderHeatMap(explained, format, style, index));
  });
  return files.map(({ path }) => path);
}
