import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { forEachLine, type PngLayout } from '../../../src/server/inputs/images/pngLines';

/** Where Adam7 puts pixel (x, y) (PNG specification, section 8.2), as its pattern of eight by eight says. */
const PATTERN = [
  '16462646',
  '77777777',
  '56565656',
  '77777777',
  '36463646',
  '77777777',
  '56565656',
  '77777777',
];

/** Bytes of an image, 8 bits a sample, that no filter guesses right. */
const valueAt = (x: number, y: number, c: number): number => (x * 37 + y * 91 + c * 53 + x * y) % 256;

/** The scan lines of an image, filtered each by its own of the five filters. */
function scan({ width, height, samples, interlaced }: PngLayout): Buffer {
  const lines: Buffer[] = [];
  for (const pass of interlaced ? '1234567' : ' ') {
    let above: number[] = [];
    for (let y = 0; y < height; y++) {
      const pixels = Array.from({ length: width }, (_, x) => x).filter(
        (x) => !interlaced || PATTERN[y % 8]?.[x % 8] === pass,
      );
      if (pixels.length === 0) continue;
      const line = pixels.flatMap((x) => Array.from({ length: samples }, (_, c) => valueAt(x, y, c)));
      const filter = y % 5;
      const before = (list: number[], i: number) => list[i - samples] ?? 0;
      const guesses = line.map((_, i) => {
        const [left, up, corner] = [before(line, i), above[i] ?? 0, before(above, i)];
        const nearest = [left, up, corner].reduce((best, one) =>
          Math.abs(left + up - corner - one) < Math.abs(left + up - corner - best) ? one : best,
        );
        return [0, left, up, Math.floor((left + up) / 2), nearest][filter] ?? 0;
      });
      lines.push(Buffer.from([filter, ...line.map((value, i) => (value - (guesses[i] ?? 0)) & 255)]));
      above = line;
    }
  }
  return Buffer.concat(lines);
}

describe.each([false, true])('scan lines, interlaced: %s', (interlaced) => {
  test.each([
    [1, 1, 1],
    [3, 2, 1],
    [5, 9, 4],
    [17, 13, 3],
    [640, 30, 2],
  ])('of %i x %i pixels with %i samples come out as they went in', async (width, height, samples) => {
    const layout: PngLayout = { width, height, samples, depth: 8, interlaced };
    const seen = new Map<string, number>();
    await forEachLine(deflateSync(scan(layout)), layout, 'x.png', ({ bytes, pixels, x, y, step }) => {
      for (let i = 0; i < pixels * samples; i++) {
        seen.set(`${x + Math.floor(i / samples) * step} ${y} ${i % samples}`, bytes[i] ?? -1);
      }
    });
    expect(seen.size).toBe(width * height * samples);
    for (const [place, value] of seen) {
      const [x = 0, y = 0, c = 0] = place.split(' ').map(Number);
      expect(value, place).toBe(valueAt(x, y, c));
    }
  });
});

describe.each([
  ['small', 200],
  ['large', 2_000],
])('data of a %s image', (_, height) => {
  const layout: PngLayout = { width: 1_000, height, samples: 1, depth: 8, interlaced: false };
  const lines = Buffer.alloc(1_001 * height);
  const read = (data: Buffer) => forEachLine(data, layout, 'x.png', () => {});

  test('may be longer by a few bytes', async () => {
    await read(deflateSync(Buffer.concat([lines, Buffer.alloc(60_000)])));
  });

  test.each([
    ['far longer', 'bad-input', () => deflateSync(Buffer.concat([lines, Buffer.alloc(10_000_000)]))],
    ['a line short', 'truncated', () => deflateSync(lines.subarray(1_001))],
    ['cut off', 'truncated', () => deflateSync(lines, { level: 0 }).subarray(0, -5_000)],
    ['no such data', 'bad-input', () => Buffer.alloc(2_000_000, 1)],
  ])('%s is an error', async (_name, kind, data) => {
    await expect(read(data())).rejects.toMatchObject({ error: { kind } });
  });
});
