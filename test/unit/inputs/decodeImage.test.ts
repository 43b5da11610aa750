import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/server/inputs/images/decodeImage';
import { imageFixture, npyBytes } from './npyFixture';

interface Entry {
  file: string;
  array: string;
  shape: [number, number, number];
  tolerance: number;
}
const entries: Entry[] = JSON.parse(readFileSync(imageFixture('index.json'), 'utf8'));

const fixture = (name: string): Buffer => readFileSync(imageFixture(name));

const kindOf = (bytes: Buffer): Promise<unknown> =>
  decodeImage(bytes, '/some/image').then(
    () => 'decoded',
    (thrown) => thrown.error?.kind ?? String(thrown),
  );

describe('decodeImage', () => {
  it.each(entries)('decodes $file to the pixels of Pillow', async ({ file, array, shape, tolerance }) => {
    const image = await decodeImage(fixture(file), file);
    expect([image.height, image.width, 3]).toEqual(shape);
    const expected = npyBytes(array);
    let worst = 0;
    expected.forEach((value, i) => {
      const actual = image.rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? Number.NaN;
      worst = Math.max(worst, Math.abs(actual - value));
    });
    // libjpeg-turbo and libwebp are the libraries that Pillow has, too: nearly nothing may differ.
    expect(worst).toBeLessThanOrEqual(Math.min(tolerance, 1));
  });

  it('keeps alpha for models with four channels', async () => {
    const { rgba, width } = await decodeImage(fixture('png-rgba.png'), 'png-rgba.png');
    expect(rgba[3]).toBe(0);
    expect(rgba[(width - 1) * 4 + 3]).toBe(255);
  });

  it('has a notice for 16-bit grey', async () => {
    expect((await decodeImage(fixture('png-grey-16bit.png'), 'x')).notices.join()).toMatch(/high byte/);
  });

  it.each(['png-rgb.png', 'jpeg-420.jpg', 'webp-lossy.webp', 'bmp-rgb.bmp'])(
    'calls a cut-off %s truncated',
    async (name) => {
      const bytes = fixture(name);
      expect(await kindOf(bytes.subarray(0, Math.floor(bytes.length * 0.6)))).toBe('truncated');
      expect(await kindOf(bytes.subarray(0, 28))).toBe('truncated');
    },
  );

  it('refuses a JPEG of hundreds of scans before any is decoded', async () => {
    const jpeg = fixture('jpeg-progressive.jpg');
    const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
    const scan = jpeg.subarray(last, jpeg.length - 2);
    const of = (count: number) =>
      Buffer.concat([jpeg.subarray(0, last), ...new Array<Buffer>(count).fill(scan), jpeg.subarray(-2)]);
    expect(await kindOf(of(200))).toBe('too-large');
    expect(await kindOf(of(2))).toBe('decoded');
  });

  it('takes the size of a PNG from its first header', async () => {
    const png = fixture('png-rgb.png');
    const header = Buffer.from(png.subarray(8, 33));
    header.writeUInt32BE(7000, 8);
    header.writeUInt32BE(7000, 12);
    const twice = Buffer.concat([png.subarray(0, 33), header, png.subarray(33)]);
    const { width, height } = await decodeImage(png, 'x');
    expect(await decodeImage(twice, 'x')).toMatchObject({ width, height });
  });

  it('is not fooled by the end of a thumbnail', async () => {
    const jpeg = fixture('jpeg-420.jpg');
    const thumbnail = Buffer.from([0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9]);
    const whole = Buffer.concat([jpeg.subarray(0, 2), thumbnail, jpeg.subarray(2)]);
    expect(await kindOf(whole)).toBe('decoded');
    expect(await kindOf(whole.subarray(0, -100))).toBe('truncated');
  });

  it('decodes a good JPEG after a damaged one', async () => {
    const good = fixture('jpeg-420.jpg');
    const damaged = Buffer.from(good);
    damaged.fill(0x11, good.indexOf(Buffer.from([0xff, 0xc4])) + 4, good.indexOf(Buffer.from([0xff, 0xda])));
    expect(await kindOf(damaged)).toBe('bad-input');
    expect(await kindOf(good)).toBe('decoded');
  });

  it('refuses huge images by their header', async () => {
    const png = Buffer.from(encode({ width: 1, height: 1, data: new Uint8Array(3), channels: 3 }));
    png.writeUInt32BE(100_000, 16);
    png.writeUInt32BE(100_000, 20);
    expect(await kindOf(png)).toBe('too-large');
  });

  it('does not inflate more than the header declares', async () => {
    const png = Buffer.from(encode({ width: 2, height: 2, data: new Uint8Array(12), channels: 3 }));
    const bomb = deflateSync(Buffer.alloc(50_000_000));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bomb.length);
    const end = png.subarray(png.length - 12);
    const idat = Buffer.concat([length, Buffer.from('IDAT'), bomb, Buffer.alloc(4)]);
    expect(await kindOf(Buffer.concat([png.subarray(0, 33), idat, end]))).toBe('bad-input');
  });

  it('reads 32-bit BMP, top row first', async () => {
    const bmp = Buffer.alloc(54 + 16);
    bmp.write('BM');
    bmp.writeUInt32LE(54, 10);
    bmp.writeUInt32LE(40, 14);
    bmp.writeInt32LE(2, 18);
    bmp.writeInt32LE(-2, 22);
    bmp.writeUInt16LE(1, 26);
    bmp.writeUInt16LE(32, 28);
    bmp.set([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 10, 11, 12, 0], 54);
    const { rgba } = await decodeImage(bmp, 'x.bmp');
    expect([...rgba]).toEqual([3, 2, 1, 255, 6, 5, 4, 255, 9, 8, 7, 255, 12, 11, 10, 255]);
  });

  it('refuses what is not an image', async () => {
    expect(await kindOf(Buffer.from('GIF89a...'))).toBe('bad-input');
  });
});
