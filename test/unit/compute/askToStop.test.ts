import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageActionItem } from 'vscode-languageserver/node';
import { askToStop } from '../../../src/server/answers/askToStop';

function windowThat(presses: number | null) {
  const shown: string[] = [];
  const showWarningMessage = async <Item extends MessageActionItem>(text: string, ...buttons: Item[]) => {
    shown.push(text);
    return presses === null ? undefined : buttons[presses];
  };
  return { shown, showWarningMessage };
}

test('offers to wait and to stop', async () => {
  for (const [presses, answer] of [
    [0, 'wait'],
    [1, 'stop'],
    [null, null],
  ] as const) {
    const window = windowThat(presses);
    expect(await askToStop(window, '/models/a.keras', 'Computing conv1', 20)).toBe(answer);
    expect(window.shown).toEqual([
      'a.keras has not reported progress for 20 seconds. Last step: Computing conv1.',
    ]);
  }
});

test('escapes links in names from a model', async () => {
  const window = windowThat(null);
  await askToStop(window, '/m/[a](command:x).keras', 'Computing [b](command:y)\u202e', 20);
  expect(window.shown[0]).not.toMatch(/\]\(command|\u202e/);
});

test('the server shows nothing else in the editor', () => {
  const folder = join(import.meta.dirname, '../../../src/server');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const showing = files.filter((name) => /\.show\w*Message\(/.test(readFileSync(join(folder, name), 'utf8')));
  expect(showing).toEqual(['answers/askToStop.ts']);
});
