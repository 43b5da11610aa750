import { expect, test } from 'vitest';
import { firstPrincipalComponent } from '../../../../src/server/explain/perturbation/principalComponent';
import { mulberry32, normal } from '../../../../src/shared/random';

test('the toy at its rectifier, as pytorch-grad-cam', () => {
  const relu = Float32Array.of(0, 0, 4, 0, 31, 6, 40, 15);
  const expected = [-19.4419, -15.654904, 11.839155, 23.257649];
  expect([...firstPrincipalComponent(relu, 4, 2)]).toEqual(expected.map((value) => expect.closeTo(value, 3)));
});

test('the sign makes the largest coordinate positive', () => {
  expect([...firstPrincipalComponent(Float32Array.of(0, 0, 0, 9), 4, 1)]).toEqual(
    [-2.25, -2.25, -2.25, 6.75].map((value) => expect.closeTo(value, 5)),
  );
  expect([...firstPrincipalComponent(Float32Array.of(0, 0, 0, -9), 4, 1)]).toEqual(
    [-2.25, -2.25, -2.25, 6.75].map((value) => expect.closeTo(value, 5)),
  );
});

test('of constant values is 0', () => {
  expect([...firstPrincipalComponent(new Float32Array(6).fill(3), 3, 2)]).toEqual([0, 0, 0]);
});

const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
const column = (values: Float32Array, channels: number, c: number): number[] =>
  Array.from(values).filter((_, i) => i % channels === c);

// By the products of all pairs of channels, of all pairs of positions, and by those with the values.
test.each([
  [50, 8],
  [8, 50],
  [270, 260],
])('no other direction has more variance, %i positions of %i channels', (positions, channels) => {
  const draw = normal(mulberry32(1));
  const values = Float32Array.from({ length: positions * channels }, (_, i) => draw() * (1 + (i % channels)));
  const variance = (map: ArrayLike<number>): number => {
    const mean = Array.from(map).reduce((a, b) => a + b, 0) / map.length;
    return Array.from(map).reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const map = firstPrincipalComponent(values, positions, channels);
  const most = variance(map);
  // The values along the unit vector that the map itself gives are the map: it has the right scale.
  const means = Array.from({ length: channels }, (_, c) => mean(column(values, channels, c)));
  const along = means.map((of, c) =>
    column(values, channels, c).reduce((sum, v, p) => sum + (v - of) * (map[p] ?? 0), 0),
  );
  const size = Math.hypot(...along);
  const again = Array.from(map, (_, p) =>
    along.reduce(
      (sum, weight, c) => sum + (weight / size) * ((values[p * channels + c] ?? 0) - (means[c] ?? 0)),
      0,
    ),
  );
  for (const [p, value] of again.entries()) expect(value).toBeCloseTo(map[p] ?? Number.NaN, 4);
  for (let trial = 0; trial < 200; trial++) {
    const direction = Array.from({ length: channels }, draw);
    const norm = Math.hypot(...direction);
    const projected = Array.from({ length: positions }, (_, p) =>
      direction.reduce((sum, weight, c) => sum + (weight / norm) * (values[p * channels + c] ?? 0), 0),
    );
    expect(variance(projected)).toBeLessThanOrEqual(most * (1 + 1e-6));
  }
});
