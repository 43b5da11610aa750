/**
 * `npm run l10n [-- --check]`: collects the English texts of `src/` in `l10n/bundle.l10n.json`, removes from the translations what is no
 * text any more, and names what each language lacks. With `--check` nothing is written, and anything out of date is a failure.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { inProject, main, say } from '../lib.mjs';

/** Languages besides English, as VS Code names them, and how their punctuation is written. */
const LANGUAGES = { de: (text) => text, 'zh-cn': fullWidth };
const BUNDLE = 'l10n/bundle.l10n';
const MANIFEST = 'package.nls';

const read = (file) => JSON.parse(readFileSync(inProject(file), 'utf8'));

/** The texts in calls of `l10n.t`, in alphabetical order, so that two changes seldom meet on one line. */
async function collect() {
  const sources = readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => extname(path) === '.ts')
    .map((path) => ({ extension: '.ts', contents: readFileSync(inProject('src', path), 'utf8') }))
    .filter(({ contents }) => contents.includes('@vscode/l10n'));
  return Object.fromEntries(Object.entries(await getL10nJson(sources)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Chinese with the punctuation of Chinese beside its characters: many keyboards and programs write that of Latin. */
function fullWidth(text) {
  const wide = (_, mark) => String.fromCharCode(mark.charCodeAt(0) + 0xfee0);
  return text
    .replace(/\((?=[^()]*\p{sc=Han})([^()]*)\)/gu, '\uff08$1\uff09')
    .replace(/(?<=[\p{sc=Han}”’》`}\d)\uff09])([,:;?!])(?= ?[\p{sc=Han}“‘《(])/gu, wide)
    .replace(/(?<=[\p{sc=Han}”’》\uff09])([,:;?!])/gu, wide)
    .replace(/(?<=[A-Za-z])([,:;?!])(?= ?[\p{sc=Han}“])/gu, wide)
    .replace(/(?<=[\uff0c\uff1a\uff1b\uff1f\uff01]) /g, '')
    .replace(/(?<=\p{sc=Han})\.(?=$|\s)/gu, '\u3002');
}

/** A translation in the order of the English texts, without those that are none any more. */
const arranged = (english, translated, punctuate) =>
  Object.fromEntries(
    Object.keys(english)
      .filter((key) => key in translated)
      .map((key) => [key, punctuate(translated[key])]),
  );

await main(async () => {
  const isCheck = process.argv.includes('--check');
  const trouble = [];
  const keep = (file, content) => {
    const text = `${JSON.stringify(content, null, 2)}\n`;
    if (text === readFileSync(inProject(file), 'utf8')) return;
    if (isCheck) trouble.push(`${file} is out of date: run "npm run l10n"`);
    else writeFileSync(inProject(file), text);
  };
  const texts = await collect();
  keep(`${BUNDLE}.json`, texts);
  for (const [name, english] of [
    [BUNDLE, texts],
    [MANIFEST, read(`${MANIFEST}.json`)],
  ]) {
    for (const [language, punctuate] of Object.entries(LANGUAGES)) {
      const file = `${name}.${language}.json`;
      const translated = arranged(english, read(file), punctuate);
      keep(file, translated);
      for (const key of Object.keys(english))
        if (!(key in translated)) trouble.push(`${file} lacks ${JSON.stringify(key)}`);
    }
  }
  for (const line of trouble) say(line);
  return trouble.length === 0 ? 0 : 1;
});
