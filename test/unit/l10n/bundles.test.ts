import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(join(__dirname, '../../..', file), 'utf8'));

/** `{0}` and `{name}`, and in the manifest's texts the targets of links; sorted, because languages order them differently. */
const fixedParts = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}|\]\(command:[^)]*\)/g)].map(([part]) => part).sort();

describe.each(['l10n/bundle.l10n', 'package.nls'])('%s', (bundle) => {
  const english = read(`${bundle}.json`);

  it.each(['de', 'zh-cn'])('has every text in %s, with the same places for values', (language) => {
    const translated = read(`${bundle}.${language}.json`);
    expect(Object.keys(translated)).toEqual(Object.keys(english));
    const wrong = Object.entries(english).filter(
      ([key, text]) => String(fixedParts(text)) !== String(fixedParts(translated[key] ?? '')),
    );
    expect(wrong.map(([key]) => key)).toEqual([]);
    expect(Object.entries(translated).filter(([, text]) => text.trim() === '')).toEqual([]);
  });
});

it('every text of package.json that is shown is in package.nls.json', () => {
  const manifest = readFileSync(join(__dirname, '../../../package.json'), 'utf8');
  const { contributes } = JSON.parse(manifest);
  const used = [...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key).sort();
  expect(used).toEqual(Object.keys(read('package.nls.json')).sort());
  // What only language models read is in English.
  for (const tool of contributes.languageModelTools)
    for (const key of ['name', 'inputSchema']) delete tool[key];
  expect(shownTexts(contributes).filter((text) => !/^(%[\w.]+%|Layerglass)$/.test(text))).toEqual([]);
});

/** The texts of contributions that VS Code shows. */
function shownTexts(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return SHOWN.test(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => shownTexts(part, Array.isArray(value) ? key : name));
}
const SHOWN =
  /^(title|shortTitle|category|name|contextualTitle|displayName|contents|(markdown)?description|markdownDescription|(markdownE|e)numDescriptions)$/;
