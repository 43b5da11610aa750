import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../src/server/inputs/arrays/npy';
import type { ModelSummary } from '../../src/shared/model';
import { mutateFile } from './mutateFile';
import type { Random } from './random';

/** Files that options name begin with this. */
export const OPTION_FILE = 'option-';
const MAX_VALUES = 100_000;
/** For sizes that a model leaves open. */
const ANY_SIZE = 3;

/**
 * Writes .npy files that a method's options can name: groups and baselines of the shape of an input, of its positions, of several
 * examples, or of neither; every second one damaged.
 * @returns their paths.
 */
export function writeOptionFiles({ inputs }: ModelSummary, folder: string, random: Random): string[] {
  return ['groups', 'baseline'].map((what) => {
    const path = join(folder, `${OPTION_FILE}${what}.npy`);
    const [, ...sizes] = inputs[random.below(Math.max(1, inputs.length))]?.shape ?? [];
    const shape = shapeFor(
      sizes.map((size) => size ?? ANY_SIZE),
      random,
    );
    const whole = what === 'groups';
    const count = random.pick([1, 2, 5, 2000]);
    const values = Float32Array.from({ length: product(shape) }, (_, i) =>
      whole ? i % count : random.pick([0, 0.5, -1, 128]),
    );
    const bytes = writeNpy(values, shape);
    writeFileSync(path, random.chance(0.5) ? bytes : mutateFile(path, bytes, random));
    return path;
  });
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

function shapeFor(sizes: readonly number[], random: Random): number[] {
  const shape = random.pick([
    sizes,
    sizes,
    sizes.slice(0, -1),
    [2, ...sizes],
    [1, ...sizes],
    sizes.slice(-1),
    [],
  ]);
  return product(shape) <= MAX_VALUES ? [...shape] : [4, 4];
}
