import { describe, expect, it } from 'vitest';
import { parseLabels } from '../../../src/extension/pickers/labels';
import { Failure } from '../../../src/shared/errors';

describe('class names from a file', () => {
  it('takes one name a line', () => {
    expect(parseLabels('names.txt', 'cat\r\ndog\n')).toEqual(['cat', 'dog']);
  });

  it('takes a JSON list', () => {
    expect(parseLabels('names.json', '["cat", "dog"]')).toEqual(['cat', 'dog']);
  });

  it("takes Keras's class index, and calls an index without a name by its number", () => {
    const text = '{"0": ["n01440764", "tench"], "2": ["n01484850", "great_white_shark"]}';
    expect(parseLabels('imagenet_class_index.json', text)).toEqual(['tench', '1', 'great_white_shark']);
  });

  it.each([
    ['empty.txt', '', /empty\.txt holds no class names/],
    ['broken.json', '["cat",', /broken\.json is not valid JSON/],
    ['other.json', '{"name": "cat"}', /other\.json holds no class names/],
  ])('says what is wrong with %s', (file, text, message) => {
    expect(() => parseLabels(file, text)).toThrow(message);
    try {
      parseLabels(file, text);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Failure);
      expect(thrown instanceof Failure && thrown.error.remedy).toBeTruthy();
    }
  });

  it('does not make room for indices that are out of all bounds', () => {
    expect(() => parseLabels('huge.json', '{"4000000000": "cat"}')).toThrow(/holds no class names/);
  });
});
