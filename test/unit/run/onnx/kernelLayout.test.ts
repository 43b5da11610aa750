import { expect, test } from 'vitest';
import { layOut } from '../../../../src/server/run/backends/onnx/kernelLayout';

/** Values that say where they are: one digit per axis. */
const [HEIGHT, WIDTH, CHANNELS, FILTERS] = [2, 3, 4, 20];
const kernel = [HEIGHT, WIDTH, CHANNELS, FILTERS];
const name = (h: number, w: number, c: number, f: number): number => h * 1e4 + w * 1e3 + c * 100 + f;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const values = Float32Array.from(
  range(HEIGHT).flatMap((h) =>
    range(WIDTH).flatMap((w) => range(CHANNELS).flatMap((c) => range(FILTERS).map((f) => name(h, w, c, f)))),
  ),
);

test.each([
  ['filters', false],
  ['filters', true],
  ['channels', false],
  ['channels', true],
] as const)('a kernel with its %s first (flipped: %s)', (lead, isFlipped) => {
  const found: number[] = [];
  layOut(values, { kernel, layout: { lead, isFlipped } }, (part) => found.push(...part));
  const [outer, inner] = lead === 'filters' ? [FILTERS, CHANNELS] : [CHANNELS, FILTERS];
  const expected = range(outer).flatMap((o) =>
    range(inner).flatMap((i) =>
      range(HEIGHT).flatMap((h) =>
        range(WIDTH).map((w) => {
          const [c, f] = lead === 'filters' ? [i, o] : [o, i];
          return isFlipped ? name(HEIGHT - 1 - h, WIDTH - 1 - w, c, f) : name(h, w, c, f);
        }),
      ),
    ),
  );
  expect(found).toEqual(expected);
});
