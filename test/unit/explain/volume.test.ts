import { expect, test } from 'vitest';
import { type DisplayedMap, sliceImages, volumeSlice } from '../../../src/server/answers/volumeSlice';
import { displayMap, resizeMap } from '../../../src/shared/maps/displayMap';

const counted = (...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
});

test('a volume is resized linearly along each axis, with half-pixel centres', () => {
  const { shape, values } = resizeMap(counted(2, 2, 2), [4, 2, 4]);
  expect(shape).toEqual([4, 2, 4]);
  const row = [0, 0.25, 0.75, 1];
  const plane = [...row, ...row.map((value) => value + 2)];
  const depth = [0, 1, 3, 4];
  expect([...values]).toEqual(depth.flatMap((more) => plane.map((value) => value + more)));
});

test('maps of any rank are resized, and those of another rank left alone', () => {
  expect([...resizeMap(counted(2, 1, 1, 1), [4, 1, 1, 2]).values]).toEqual([
    0, 0, 0.25, 0.25, 0.75, 0.75, 1, 1,
  ]);
  expect(resizeMap(counted(2, 2), [4, 2, 4])).toEqual(counted(2, 2));
});

const shownOf = (raw: DisplayedMap['raw'], input: DisplayedMap['input']): DisplayedMap => ({
  raw,
  display: displayMap(raw, [4, 2, 2]),
  input,
  image: null,
});

test('of a volume the slice with the largest value is shown, of the map, the input and the raw map', () => {
  const slice = volumeSlice(
    shownOf({ shape: [2, 1, 1], values: Float32Array.from([1, 5]) }, counted(4, 2, 2, 1)),
    false,
  );
  expect(slice.display).toEqual({ shape: [2, 2], values: Float32Array.from([1, 1, 1, 1]) });
  expect(slice.raw).toEqual({ shape: [1, 1], values: Float32Array.from([5]) });
  expect(slice.input).toEqual({ shape: [2, 2, 1], values: Float32Array.from([12, 13, 14, 15]) });
  expect(slice.image?.width).toBe(2);
  expect(slice.notice).toBe(
    'The map has the shape 2 x 1 x 1; shown is slice 3 of 4 (counted from 0), the one with its largest value. ' +
      'The .npy contains the whole map.',
  );
});

test('a map of zeros shows the middle; an input of another size is left out', () => {
  const slice = volumeSlice(
    shownOf({ shape: [2, 1, 1], values: new Float32Array(2) }, counted(3, 2, 2, 1)),
    false,
  );
  expect(slice.notice).toContain('slice 2 of 4 (counted from 0), the middle one');
  expect(slice.input).toBeNull();
  expect(slice.image).toBeNull();
});

test('several axes before height and width', () => {
  const display = { shape: [2, 3, 1, 2], values: new Float32Array(12) };
  display.values[9] = 1;
  const slice = volumeSlice({ raw: counted(2, 3, 1, 2), display, input: null, image: null }, false);
  expect(slice.notice).toContain('slice 1, 1 of 2 x 3');
  expect([...slice.raw.values]).toEqual([8, 9]);
});

test('every slice of an input that can be looked at is an image', () => {
  const map = { shape: [4, 2, 2], values: new Float32Array(16) };
  const whole = (input: DisplayedMap['input']): DisplayedMap => ({
    raw: map,
    display: map,
    input,
    image: null,
  });
  const images = sliceImages(
    whole({ shape: [4, 2, 2, 1], values: Float32Array.from({ length: 16 }, (_, i) => i / 16) }),
  );
  expect(images).toHaveLength(4 * 2 * 2 * 3);
  expect([...(images ?? [])].filter((_, i) => i % 3 === 0)).toEqual(
    Array.from({ length: 16 }, (_, i) => Math.round((i / 16) * 255)),
  );
  expect(sliceImages(whole(counted(4, 2, 2, 2)))).toBeNull();
  expect(sliceImages(whole(counted(3, 2, 2, 1)))).toBeNull();
  expect(sliceImages(whole(null))).toBeNull();
});
