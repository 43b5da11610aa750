import { createInflate, inflateSync } from 'node:zlib';
import * as l10n from '@vscode/l10n';
import { imageDamaged, imageTruncated } from './imageLimits';

/** The layout of a PNG's scan lines, from its header. */
export interface PngLayout {
  readonly width: number;
  readonly height: number;
  /** Bits per sample. */
  readonly depth: number;
  readonly samples: number;
  readonly interlaced: boolean;
}

/** One line of samples, packed as in the file; its pixel `i` is pixel `x + i * step` of row `y`. */
export interface PngLine {
  readonly bytes: Uint8Array;
  readonly pixels: number;
  readonly x: number;
  readonly step: number;
  readonly y: number;
}

/** First column and row, then the steps, of Adam7's seven smaller images (PNG specification, section 8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

/** Some encoders append a few bytes to the data; more than this is an error. */
const MAX_EXTRA_BYTES = 65536;
const CHUNK_BYTES = 2 ** 18;
/** A larger image is inflated as a stream, in another thread. */
const MAX_AT_ONCE = 2 ** 20;

/**
 * Calls `take` with each scan line of a PNG, inflated and unfiltered (PNG specification, section 9). Of a
 * large image only two lines are in memory, so that a few kilobytes of data cannot fill it. `take` must not keep the bytes.
 * @param data the body of the IDAT chunks.
 * @throws Failure `truncated` or `bad-input`.
 */
export async function forEachLine(
  data: Buffer,
  layout: PngLayout,
  file: string,
  take: (line: PngLine) => void,
): Promise<void> {
  const lines = linePlaces(layout);
  let place = lines.next().value;
  let [line, above] = [lineFor(place), lineFor(place)];
  let filled = 0;
  let extra = 0;
  try {
    for await (const chunk of inflated(data, layout)) {
      let at = 0;
      while (place !== undefined && at < chunk.length) {
        const count = Math.min(line.length - filled, chunk.length - at);
        line.set(chunk.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled < line.length) break;
        unfilter(line, above, place.unit, file);
        take({ ...place, bytes: line.subarray(1) });
        const { value: next } = lines.next();
        // The first line of each smaller image has nothing above it.
        if (next?.isFirst) [line, above] = [lineFor(next), lineFor(next)];
        else [line, above] = [above, line];
        place = next;
        filled = 0;
      }
      extra += chunk.length - at;
      if (extra > MAX_EXTRA_BYTES) failLonger(file);
    }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (code === 'Z_BUF_ERROR') imageTruncated(file);
    if (code === 'ERR_BUFFER_TOO_LARGE') failLonger(file);
    if (code.startsWith('Z_')) imageDamaged(file, thrown instanceof Error ? thrown.message : code);
    throw thrown;
  }
  if (place !== undefined) imageTruncated(file);
}

const failLonger = (file: string): never =>
  imageDamaged(file, l10n.t('it contains more data than its header declares'));

/** The data of the lines in pieces: of a small image in one, because a stream takes twice as long. */
function inflated(data: Buffer, { width, height, depth, samples, interlaced }: PngLayout) {
  const size = (Math.ceil((width * samples * depth) / 8) + 1) * height;
  const most = size + MAX_EXTRA_BYTES;
  if (!interlaced && most <= MAX_AT_ONCE)
    return [inflateSync(data, { chunkSize: most, maxOutputLength: most })];
  const stream = createInflate({ chunkSize: CHUNK_BYTES });
  stream.end(data);
  return stream;
}

interface Place extends Omit<PngLine, 'bytes'> {
  readonly isFirst: boolean;
  /** Bytes of the line without that of its filter. */
  readonly length: number;
  /** Bytes from a sample to the same one of the pixel before, at least 1. */
  readonly unit: number;
}

const lineFor = (place: Place | undefined): Uint8Array => new Uint8Array((place?.length ?? 0) + 1);

function* linePlaces(layout: PngLayout): Generator<Place, undefined> {
  const bits = layout.samples * layout.depth;
  const unit = Math.max(1, bits / 8);
  for (const [x, y, step, rows] of layout.interlaced ? ADAM7 : WHOLE) {
    const pixels = Math.ceil((layout.width - x) / step);
    if (pixels <= 0) continue;
    const length = Math.ceil((pixels * bits) / 8);
    for (let row = y; row < layout.height; row += rows) {
      yield { isFirst: row === y, length, unit, pixels, x, step, y: row };
    }
  }
  return undefined;
}

/** Reverses the filter of a line in place; byte 0 of the line is the filter type. */
function unfilter(line: Uint8Array, above: Uint8Array, unit: number, file: string): void {
  const filter = line[0] ?? 0;
  if (filter > 4) imageDamaged(file, l10n.t('its filter {0} is not known', filter));
  // The first pixel has nothing on its left. One loop for each filter: together they take three times as long.
  const first = Math.min(unit + 1, line.length);
  if (filter === 1) {
    for (let i = first; i < line.length; i++) line[i] = (line[i] ?? 0) + (line[i - unit] ?? 0);
  } else if (filter === 2) {
    for (let i = 1; i < line.length; i++) line[i] = (line[i] ?? 0) + (above[i] ?? 0);
  } else if (filter === 3) {
    for (let i = 1; i < first; i++) line[i] = (line[i] ?? 0) + ((above[i] ?? 0) >> 1);
    for (let i = first; i < line.length; i++)
      line[i] = (line[i] ?? 0) + (((line[i - unit] ?? 0) + (above[i] ?? 0)) >> 1);
  } else if (filter === 4) {
    for (let i = 1; i < first; i++) line[i] = (line[i] ?? 0) + (above[i] ?? 0);
    for (let i = first; i < line.length; i++)
      line[i] = (line[i] ?? 0) + paeth(line[i - unit] ?? 0, above[i] ?? 0, above[i - unit] ?? 0);
  }
}

/** Whichever of the three neighbours is nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
