import { expect, test } from 'vitest';
import { noSuchLayer } from '../../../src/server/graph/noSuchLayer';
import { Failure } from '../../../src/shared/errors';

const named = (...paths: string[]) => new Map(paths.map((path) => [path, null as never]));
const graph = { nodes: named('picture', 'vgg16/block5_conv3', 'dense'), models: named('vgg16') };

function remedyFor(path: string): string | undefined {
  try {
    return noSuchLayer(graph, path);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect(thrown.error).toMatchObject({ kind: 'no-such-layer', subject: path });
    return thrown.error.remedy;
  }
}

test.each([
  ['block5_conv3', 'vgg16/block5_conv3'],
  ['vgg16/block5_conv4', 'vgg16/block5_conv3'],
  ['dens', 'dense'],
  ['vgg19', 'vgg16'],
])('of %s, %s is what may be meant', (path, meant) => {
  expect(remedyFor(path)).toBe(`Did you mean "${meant}"?`);
});

test.each(['nothing', 'lstm', 'x'.repeat(1000)])('of %s, nothing is near', (path) => {
  expect(remedyFor(path)).toContain('written with their model');
});
