import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { asStrip, colourMapped, overlay, sideBySide } from '../../../src/server/render/overlay';
import { encodePng, encodePngAside } from '../../../src/server/render/png';
import type { RgbImage } from '../../../src/server/render/rgbImage';
import { escapeXml, svgDrawing } from '../../../src/server/render/svg';
import { colourTable, NAN_COLOUR } from '../../../src/shared/maps/colourMaps';

const image = (width: number, height: number, bytes: readonly number[]): RgbImage => ({
  width,
  height,
  rgb: Uint8Array.from(bytes),
});
const plain = (width: number, height: number, byte: number): RgbImage =>
  image(width, height, new Array<number>(width * height * 3).fill(byte));

describe('colourMapped', () => {
  it('takes the first colour for 0, the last for 1, clips, and keeps NaN apart', () => {
    const table = colourTable('viridis');
    const values = Float32Array.of(0, 1, -5, 7, Number.NaN, 128 / 255);
    const { rgb, width, height } = colourMapped({ width: 3, height: 2, values }, 'viridis');
    const [first, last, middle] = [0, 255, 128].map((row) => [...table.subarray(row * 3, row * 3 + 3)]);
    expect([width, height]).toEqual([3, 2]);
    expect([...rgb]).toEqual([first, last, first, last, [...NAN_COLOUR], middle].flat());
  });

  it('refuses a map of another size', () => {
    const map = { width: 2, height: 2, values: new Float32Array(3) };
    expect(() => colourMapped(map, 'jet')).toThrow(RangeError);
  });
});

describe('overlay', () => {
  const below = image(1, 1, [0, 100, 255]);
  const above = image(1, 1, [255, 200, 0]);

  it('mixes by opacity', () => {
    expect([...overlay(below, above, 0).rgb]).toEqual([0, 100, 255]);
    expect([...overlay(below, above, 1).rgb]).toEqual([255, 200, 0]);
    expect([...overlay(below, above, 0.4).rgb]).toEqual([102, 140, 153]);
    expect([...overlay(below, above, 3).rgb]).toEqual([255, 200, 0]);
  });

  it('refuses images of different sizes', () => {
    expect(() => overlay(below, plain(2, 1, 0), 0.5)).toThrow('2 x 1 does not fit over one of 1 x 1');
  });
});

describe('sideBySide', () => {
  it('puts images in a row on white', () => {
    const { width, height, rgb } = sideBySide([plain(1, 2, 10), plain(1, 1, 20)], 1);
    expect([width, height]).toEqual([3, 2]);
    const greys = Array.from({ length: 6 }, (_, i) => rgb[i * 3]);
    expect(greys).toEqual([10, 255, 20, 10, 255, 255]);
  });

  it('stacks sequences', () => {
    const { width, height, rgb } = sideBySide([plain(9, 1, 10), plain(9, 1, 20)], 2);
    expect([width, height]).toEqual([9, 4]);
    expect([0, 1, 2, 3].map((y) => rgb[y * 27])).toEqual([10, 255, 255, 20]);
  });

  it('refuses no images', () => {
    expect(() => sideBySide([])).toThrow(RangeError);
  });
});

describe('asStrip', () => {
  it('repeats the row of a sequence and leaves images alone', () => {
    const strip = asStrip(image(2, 1, [1, 2, 3, 4, 5, 6]), 2);
    expect(strip).toEqual(image(2, 2, [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]));
    const square = plain(2, 2, 7);
    expect(asStrip(square)).toBe(square);
  });
});

describe('encodePng', () => {
  it.each([3, 4])('writes %i channels that decode to the same bytes', (channels) => {
    const pixels = Uint8Array.from({ length: 3 * 2 * channels }, (_, i) => (i * 37) % 256);
    const decoded = decode(encodePng(pixels, 3, 2), { checkCrc: true });
    expect([decoded.width, decoded.height, decoded.channels, decoded.depth]).toEqual([3, 2, channels, 8]);
    expect([...decoded.data]).toEqual([...pixels]);
  });

  it('writes the same where another thread compresses', async () => {
    const pixels = Uint8Array.from({ length: 3 * 2 * 3 }, (_, i) => (i * 37) % 256);
    expect(await encodePngAside(pixels, 3, 2)).toEqual(encodePng(pixels, 3, 2));
    await expect(encodePngAside(pixels, 3, 3)).rejects.toThrow(RangeError);
  });

  it('refuses bytes that fit no size', () => {
    expect(() => encodePng(new Uint8Array(5), 1, 1)).toThrow(RangeError);
    expect(() => encodePng(new Uint8Array(0), 0, 0)).toThrow(RangeError);
  });
});

describe('svgDrawing', () => {
  const drawing = {
    image: plain(4, 3, 90),
    title: 'Grad-CAM of class 0 (<cat> & "dog"), at block5_conv3, 14 x 14',
    colourMap: 'turbo',
    top: 0.0012344,
    hasNan: false,
  } as const;

  it('embeds the image as PNG', () => {
    const base64 = /href="data:image\/png;base64,([^"]+)"/.exec(svgDrawing(drawing))?.[1] ?? '';
    const { width, height, data } = decode(Buffer.from(base64, 'base64'));
    expect([width, height]).toEqual([4, 3]);
    expect([...data]).toEqual([...drawing.image.rgb]);
  });

  it('escapes the title and numbers the colour bar', () => {
    const svg = svgDrawing(drawing);
    expect(svg).toContain('<title>Grad-CAM of class 0 (&lt;cat&gt; &amp; &quot;dog&quot;), at');
    expect(svg).not.toContain('<cat>');
    const numbers = [...svg.matchAll(/font-size="12"[^>]*>([^<]*)</g)].map((match) => match[1]);
    expect(numbers).toEqual(['0', '6.17e-4', '0.001234']);
    const [r, g, b] = colourTable('turbo');
    expect(svg).toContain(`<stop offset="0" stop-color="rgb(${r},${g},${b})"/>`);
  });

  it('starts the colour bar at 0, as the colours do, and names the colour of NaN', () => {
    const numbers = (svg: string) =>
      [...svg.matchAll(/font-size="12"[^>]*>([^<]*)</g)].map((match) => match[1]);
    expect(numbers(svgDrawing({ ...drawing, top: 4 }))).toEqual(['0', '2', '4']);
    const holed = svgDrawing({ ...drawing, top: 4, hasNan: true });
    expect(numbers(holed)).toEqual(['0', '2', '4', 'NaN']);
    expect(holed).toContain(`fill="rgb(${NAN_COLOUR.join(',')})"`);
    expect(numbers(svgDrawing({ ...drawing, top: 0 }))).toEqual(['0']);
  });

  it('draws a sequence as a strip with its positions', () => {
    const svg = svgDrawing({ ...drawing, image: plain(1803, 1, 90) });
    expect(svg).toMatch(/<image [^>]*width="1803" height="48" preserveAspectRatio="none"/);
    expect(svg).toContain('>position 0</text>');
    expect(svg).toContain('>position 1802</text>');
  });

  it('keeps long titles inside, in lines', () => {
    const svg = svgDrawing({ ...drawing, title: 'word '.repeat(30) });
    expect(svg.match(/font-size="14"/g)?.length).toBeGreaterThan(2);
  });

  it('lets nothing through that XML forbids', () => {
    expect(escapeXml(`a\u0000b\u001b'\ud800`)).toBe('a\ufffdb\ufffd&#39;\ufffd');
    expect(escapeXml('猫 🐈\n')).toBe('猫 🐈\n');
  });
});
