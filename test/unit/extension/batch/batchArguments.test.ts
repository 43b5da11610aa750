import { expect, test } from 'vitest';
import { batchArguments } from '../../../../src/extension/batch/batchArguments';

const settings = { backend: 'wasm', threads: 2, customLayers: ['/l/a.js', '/l/b.js'] } as const;
const choice = { model: '/m.keras', input: '/in', out: '/out' };

test('a batch gets the settings of the window, and goes on where one was started', () => {
  expect(batchArguments({ ...choice, method: 'grad-cam' }, settings, '/tmp/s.json')).toEqual([
    ...['/m.keras', '--input', '/in', '--out', '/out', '--resume', '--settings', '/tmp/s.json'],
    ...['--method', 'grad-cam', '--backend', 'wasm', '--threads', '2'],
    ...['--custom-layers', '/l/a.js', '--custom-layers', '/l/b.js'],
  ]);
});

test('without a choice the command takes its own method, and none for predictions alone', () => {
  expect(batchArguments({ ...choice, method: undefined }, settings, '/s')).not.toContain('--method');
  const alone = batchArguments({ ...choice, method: null }, settings, '/s');
  expect(alone[alone.indexOf('--method') + 1]).toBe('none');
});
