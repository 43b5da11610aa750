import { afterEach, expect, test, vi } from 'vitest';
import { resolveModelFile } from '../../../src/server/answers/hover';

const touched = vi.hoisted((): string[] => []);
vi.mock('../../../src/server/io/openFile', async (original) => ({
  ...(await original<typeof import('../../../src/server/io/openFile')>()),
  statOf(path: string) {
    touched.push(path);
    return null;
  },
}));
afterEach(() => {
  touched.length = 0;
});

test.each([
  '\\\\server\\share\\model.keras',
  '\\\\\\\\server\\\\share\\\\model.keras',
  '//server/share/model.keras',
  '\\/server/share/model.keras',
  '/\\server/share/model.keras',
  '\\\\?\\UNC\\server\\share\\model.h5',
  '\\\\.\\pipe\\model.h5',
])('a hover touches nothing at %s', (name) => {
  expect(resolveModelFile('/home/a/code.py', name)).toBeNull();
  expect(touched).toEqual([]);
});

test('other names are looked up beside the code and in its parent folders', () => {
  resolveModelFile('/home/a/code.py', 'model.keras');
  expect(touched).toEqual(['/home/a/model.keras', '/home/model.keras', '/model.keras']);
});
