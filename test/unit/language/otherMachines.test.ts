import { afterEach, expect, test, vi } from 'vitest';
import { namedFile } from '../../../src/server/answers/code/namedFile';

const touched = vi.hoisted((): string[] => []);
vi.mock('../../../src/server/io/openFile', async (original) => ({
  ...(await original<typeof import('../../../src/server/io/openFile')>()),
  statOf(path: string) {
    touched.push(path);
    return null;
  },
  realPathOf(path: string) {
    touched.push(path);
    return path;
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
])('nothing is touched at %s', (name) => {
  expect(namedFile('/home/a/code.py', ['/home'], name)).toBeNull();
  expect(touched).toEqual([]);
});

const lookedUp = (name: string, folders: readonly string[]): string[] => {
  namedFile('/home/a/project/code/net/look.py', folders, name);
  return touched.filter((path) => path.endsWith('.keras'));
};

test('a name is looked up beside the code and in the folders around it, up to that of the workspace', () => {
  const beside = '/home/a/project/code/net/m.keras';
  expect([...new Set(lookedUp('m.keras', ['/home/a/project', '/data']))]).toEqual([
    beside,
    '/home/a/project/code/m.keras',
    '/home/a/project/m.keras',
    '/data/m.keras',
  ]);
  touched.length = 0;
  expect([...new Set(lookedUp('m.keras', []))]).toEqual([beside]);
});

test.each(['../../../m.keras', '/home/a/m.keras', '/etc/m.keras', 'net/../../../../m.keras'])(
  'nothing outside the workspace is looked up for %s',
  (name) => expect(lookedUp(name, ['/home/a/project'])).toEqual([]),
);
