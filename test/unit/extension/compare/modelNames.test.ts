import { expect, test } from 'vitest';
import { namesOf } from '../../../../src/extension/panels/compare/modelNames';

test('two models are called by the shortest ends of their paths that differ', () => {
  expect(namesOf('/m/cats.h5', '/m/cats.keras')).toEqual(['cats.h5', 'cats.keras']);
  expect(namesOf('/m/a/model.json', '/m/b/model.json')).toEqual(['a/model.json', 'b/model.json']);
  expect(namesOf('C:\\m\\a\\model.json', 'C:\\m\\b\\model.json')).toEqual(['a/model.json', 'b/model.json']);
  expect(namesOf('/model.json', '/m/model.json')).toEqual(['/model.json', 'm/model.json']);
  expect(namesOf('/m/cats.h5', '/m/cats.h5')).toEqual(['cats.h5', 'cats.h5']);
});
