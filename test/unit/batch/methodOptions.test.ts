import { expect, test } from 'vitest';
import { methodOptions } from '../../../src/server/batch/methodOptions';

test('each method takes the options that it has, and its own values for the others', () => {
  const found = methodOptions(['smooth-grad', 'saliency'], { samples: '7' });
  expect(found['smooth-grad']).toMatchObject({ samples: 7, seed: 0 });
  expect(found.saliency).not.toHaveProperty('samples');
});

test('an option that no method has is refused, with those that there are', () => {
  expect(() => methodOptions(['smooth-grad'], { sample: '7' })).toThrow(
    'No method of this batch has an option "sample".',
  );
  expect(() => methodOptions([], { samples: '7' })).toThrow('has an option "samples"');
  expect(() => methodOptions(['smooth-grad'], { samples: 'many' })).toThrow('samples');
});
