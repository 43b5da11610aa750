import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/shared/errors';
import { parseLabels } from '../../../src/shared/labels/labelFile';

describe('class names from a file', () => {
  it('accepts one name per line', () => {
    expect(parseLabels('names.txt', 'cat\r\ndog\n')).toEqual(['cat', 'dog']);
  });

  it('accepts a JSON list', () => {
    expect(parseLabels('names.json', '["cat", "dog"]')).toEqual(['cat', 'dog']);
  });

  it("takes Keras's class index, and calls an index without a name by its number", () => {
    const text = '{"0": ["n01440764", "tench"], "2": ["n01484850", "great_white_shark"]}';
    expect(parseLabels('imagenet_class_index.json', text)).toEqual(['tench', '1', 'great_white_shark']);
  });

  it.each([
    ['empty.txt', '', /empty\.txt contains no class names/],
    ['broken.json', '["cat",', /broken\.json is not valid JSON/],
    ['other.json', '{"name": "cat"}', /other\.json contains no class names/],
  ])('says what is wrong with %s', (file, text, message) => {
    expect(() => parseLabels(file, text)).toThrow(message);
    try {
      parseLabels(file, text);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Failure);
      expect(thrown instanceof Failure && thrown.error.remedy).toBeTruthy();
    }
  });

  it('does not allocate for indices out of bounds', () => {
    expect(() => parseLabels('huge.json', '{"4000000000": "cat"}')).toThrow(/contains no class names/);
  });
});
