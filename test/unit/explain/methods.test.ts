import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainCommand } from '../../../src/cli/explain';
import { parseExplainChoice } from '../../../src/extension/settings/savedState';
import { defaultMethod, METHOD_IDS, METHODS, methodAtLayer } from '../../../src/shared/methods';
import { params } from '../../../src/shared/schemas';

const ROOT = join(__dirname, '../../..');

const camelCase = (id: string): string =>
  id.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The option of `layerglass explain`. */
function methodOption() {
  const command = explainCommand(() => {
    throw new Error('The command is not to be run.');
  });
  return command.options.find(({ long }) => long === '--method');
}

test('ids, in the order of the pickers', () => {
  expect(METHOD_IDS).toEqual(['grad-cam', 'saliency', 'guided-grad-cam']);
});

describe.each(METHOD_IDS)('%s', (id) => {
  const { label, description, scope, sign } = METHODS[id];

  test('has a file of its own', () => {
    expect(existsSync(join(ROOT, `src/server/explain/methods/${camelCase(id)}.ts`))).toBe(true);
  });

  test('has a description with its paper and a row in docs/numerics.md', () => {
    expect(description).toMatch(/\(.+ \d{4}\)/);
    const row = textOf('docs/numerics.md')
      .split('\n')
      .find((line) => line.includes(`| \`${id}\` |`));
    expect(row?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      label,
      `\`${id}\``,
      scope,
      expect.stringMatching(/\d{4}/),
      sign,
      '',
    ]);
  });

  test('is named in the README', () => {
    const line = textOf('README.md').match(/^Methods: (.*)/m)?.[1] ?? '';
    expect(line.toLowerCase().split(/[,.] ?/)).toContain(label.toLowerCase());
  });

  test('can be asked for, saved and restored', () => {
    const run = { inputs: [{ kind: 'random', seed: 1 }], preprocessing: { name: 'none' } };
    const asked = { ...run, method: id, layer: 'auto', target: { index: 'auto' } };
    expect(params.explain.safeParse({ ...asked, modelId: 'm' }).data).toMatchObject({ method: id });
    const choice = { ...asked, modelPath: '/m.keras', colourMap: 'viridis', opacity: 0.5 };
    expect(parseExplainChoice(choice)).toEqual(choice);
    expect(parseExplainChoice({ ...choice, method: 'magic' })).toBeUndefined();
  });
});

test('docs/numerics.md has no row of another method', () => {
  const [, section = ''] = textOf('docs/numerics.md').split(/^## .*$/m);
  const ids = [...section.matchAll(/\| `([^`]+)` \|/g)].map(([, id]) => id);
  expect(ids).toEqual(METHOD_IDS);
});

test('the command line offers them all and says what it takes by itself', () => {
  expect(methodOption()?.argChoices).toEqual(METHOD_IDS);
  expect(methodOption()?.description).toContain('default: grad-cam, or saliency for a model without a layer');
});

test('the default explains at a layer where there is one', () => {
  expect([defaultMethod(true), defaultMethod(false)]).toEqual(['grad-cam', 'saliency']);
  expect(METHODS[defaultMethod(true)].scope).toBe('layer');
  expect(METHODS[defaultMethod(false)].scope).toBe('input');
});

test('to explain at a layer keeps a method that does', () => {
  expect(METHOD_IDS.map(methodAtLayer)).toEqual(['grad-cam', 'grad-cam', 'guided-grad-cam']);
});
