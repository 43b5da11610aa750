import { describe, expect, test } from 'vitest';
import { bounded } from '../../../src/server/answers/modelConfig';
import { trainingFacts } from '../../../src/shared/results/modelConfig';

describe('a config that is sent', () => {
  test('is the same where it is of a usual size', () => {
    const config = { units: 3, kernel_size: [3, 3], nested: { a: null, b: [true, 'x'] } };
    expect(bounded(config)).toEqual({ config, isCut: false });
    expect(bounded(null)).toEqual({ config: null, isCut: false });
  });
  test('is cut where it is huge, with a note in place', () => {
    const list = bounded({ values: new Array(1e6).fill(0) });
    expect(list.isCut).toBe(true);
    expect(JSON.stringify(list.config).length).toBeLessThan(20_000);
    expect(JSON.stringify(list.config)).toMatch(/… \(\d+ more\)/);
    const text = bounded({ code: 'a'.repeat(1e6) });
    expect(JSON.stringify(text.config)).toContain('(1000000 characters)');
    const wide = bounded(Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`k${i}`, i])));
    expect(Object.keys(wide.config ?? {}).length).toBeLessThan(5000);
    let deep: unknown = 1;
    for (let i = 0; i < 1000; i++) deep = { deep };
    expect(JSON.stringify(bounded(deep).config)).toContain('nested deeper');
  });
  test('keeps a key that is the name of a member', () => {
    const config = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
    expect(JSON.stringify(bounded(config).config)).toBe(JSON.stringify(config));
  });
});

describe('optimizer and loss', () => {
  test('of Keras 3', () => {
    const optimizer = { class_name: 'Adam', config: { learning_rate: 0.0020000000949949026 } };
    expect(trainingFacts({ optimizer, loss: 'binary_crossentropy' })).toEqual({
      optimizer: 'Adam, learning rate 0.002',
      loss: 'binary_crossentropy',
    });
  });
  test('of Keras 2, and of several outputs', () => {
    const loss = { a: 'mse', b: { class_name: 'BinaryCrossentropy', config: {} } };
    expect(trainingFacts({ optimizer_config: { class_name: 'SGD', config: {} }, loss })).toEqual({
      optimizer: 'SGD',
      loss: 'a: mse, b: BinaryCrossentropy',
    });
    expect(trainingFacts({ loss: ['mse', { class_name: 'function', config: 'my_loss' }] }).loss).toBe(
      'mse, my_loss',
    );
  });
  test('of what is no compile config', () => {
    for (const config of [null, 3, 'x', [], { optimizer: [], loss: 4 }])
      expect(trainingFacts(config)).toEqual({ optimizer: null, loss: null });
  });
});
