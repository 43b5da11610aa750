import { describe, expect, test } from 'vitest';
import { documentPath, otherCells } from '../../../src/server/language/documents';

describe.skipIf(process.platform === 'win32')('the file of a document', () => {
  test.each([
    ['file:///home/a/my%20code.py', '/home/a/my code.py'],
    ['vscode-notebook-cell:/home/a/book.ipynb#W0sZmlsZQ%3D%3D', '/home/a/book.ipynb'],
    ['vscode-notebook-cell:///home/a/book.ipynb#W0sZmlsZQ%3D%3D', '/home/a/book.ipynb'],
    ['vscode-notebook-cell://ssh-remote%2Bbox/home/a/b%C3%BCcher.ipynb#W1', '/home/a/bücher.ipynb'],
    ['vscode-notebook-cell://wsl+ubuntu/home/a/book.ipynb#W1', '/home/a/book.ipynb'],
    ['vscode-remote://ssh-remote%2Bbox/home/a/code.py', '/home/a/code.py'],
  ])('%s', (uri, path) => {
    expect(documentPath(uri)).toBe(path);
  });

  test.each(['untitled:Untitled-1', 'vscode-notebook-cell:Untitled-1.ipynb#W0', 'git:/home/a/code.py?x'])(
    '%s has none',
    (uri) => {
      expect(documentPath(uri)).toBeNull();
    },
  );
});

test('cells of one notebook', () => {
  const [one, two] = ['vscode-notebook-cell:/a/book.ipynb#W0', 'vscode-notebook-cell:/a/book.ipynb#W1'].map(
    (uri) => ({ uri }),
  );
  const others = [
    { uri: 'vscode-notebook-cell:/a/other.ipynb#W1' },
    { uri: 'vscode-notebook-cell://box/a/book.ipynb#W1' },
    { uri: 'file:///a/book.ipynb' },
  ];
  const all = [one, two, ...others].flatMap((document) => document ?? []);
  expect(otherCells(one?.uri ?? '', all)).toEqual([two]);
  expect(otherCells('file:///a/book.ipynb', all)).toEqual([]);
});
