import { afterAll, expect, test } from 'vitest';
import { startLazy } from './lazyTests';

const { tf, lazy, image } = await startLazy();
afterAll(() => tf.setBackend('wasm'));

/** Adds a constant of `size` values, and counts how often that is made rather than repeated. */
function adding(size: number) {
  const counted = { made: 0 };
  const run = (owner: object) =>
    lazy.repeat(owner, 'work', [image(71)], ([x = null]) => {
      counted.made += 1;
      return [x && tf.add(tf.sum(x), tf.ones([size]))];
    })[0];
  return { counted, run };
}

test('work that makes large constants is made each time instead of keeping them', () => {
  const { counted, run } = adding(2 ** 19);
  const owner = {};
  const expected = run(owner)?.dataSync()[0];
  const before = counted.made;
  expect(run(owner)?.dataSync()[0]).toBe(expected);
  expect(counted.made).toBe(before + 1);
});

test('the constants of what is repeated take a limited amount of memory', () => {
  const { counted, run } = adding(2 ** 17);
  const owners = Array.from({ length: 250 }, () => ({}));
  for (const owner of owners) run(owner)?.dispose();
  const [oldest = {}] = owners;
  run(owners.at(-1) ?? {});
  expect(counted.made).toBe(250);
  run(oldest);
  expect(counted.made).toBe(251);
});
