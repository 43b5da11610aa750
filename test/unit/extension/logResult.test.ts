import { expect, test } from 'vitest';
import { logResult, withoutStack } from '../../../src/extension/server/logResult';
import type { LayerglassError, Result } from '../../../src/shared/errors';

function logged(method: string, result: Result<unknown>): string[] {
  const lines: string[] = [];
  const at = (level: string) => (text: string) => lines.push(`${level}: ${text}`);
  const log = { info: at('info'), debug: at('debug'), warn: at('warn') };
  logResult(log, { method, path: '/models/cat.keras', ms: 12.4 }, result);
  return lines;
}

const failure = (kind: LayerglassError['kind']): Result<never> => ({
  ok: false,
  error: { kind, message: 'Why.', stack: 'Error: Why.\n    at here' },
});

test.each<[string, Result<unknown>, string]>([
  ['layerglass/openModel', { ok: true, value: null }, 'info: layerglass/openModel /models/cat.keras (12 ms)'],
  ['layerglass/explain', { ok: true, value: null }, 'debug: layerglass/explain /models/cat.keras (12 ms)'],
  [
    'layerglass/explain',
    failure('cancelled'),
    'debug: layerglass/explain /models/cat.keras (12 ms): cancelled',
  ],
  [
    'layerglass/explain',
    failure('bad-input'),
    'warn: layerglass/explain /models/cat.keras (12 ms): bad-input: Why.',
  ],
])('%s %o', (method, result, line) => {
  expect(logged(method, result)).toEqual([line]);
});

test('no stack goes on to a page', () => {
  expect(withoutStack(failure('internal'))).toEqual({
    ok: false,
    error: { kind: 'internal', message: 'Why.' },
  });
});
