import type { Page } from 'playwright-core';
import { COLOUR_MAPS } from '../../../src/shared/maps/colourMaps';
import { METHODS } from '../../../src/shared/methods';
import { type Language, type OpenPage, translations } from '../pageHarness';

/** What is written alike in every language. */
const SAME = /\b(None|NaN|Inf|Layerglass|Keras|TensorFlow|NumPy|PNG|SVG|ms|px|[kMG]B)\b|\.\w{2,5}\b/g;

/** Names that are those of the command line, too: of methods, their options and their choices, and of colour maps. */
const NAMES = [
  ...COLOUR_MAPS,
  ...Object.values(METHODS).flatMap(({ label, paper, cost, options }) => [
    ...[label, paper, cost],
    ...options.flatMap((option) => [option.name, ...('choices' in option ? option.choices : [])]),
  ]),
];

/**
 * The texts of a page that are English although the page is in another language: those that are on its English page too, apart from what
 * the host answered and what the translations have alike. A text that goes through no translation is found as well as one that lacks it.
 */
export async function leftInEnglish(
  english: OpenPage,
  translated: OpenPage,
  language: Language,
): Promise<string[]> {
  const alike = Object.entries(translations(language)).filter(([text, translation]) => text === translation);
  const known = [...NAMES, ...alike.map(([text]) => text), ...english.answers.flatMap(stringsIn)]
    .filter((text) => /\p{L}/u.test(text))
    .sort((a, b) => b.length - a.length);
  const there = new Set(await textsOf(translated.page));
  return (await textsOf(english.page)).filter((text) => there.has(text) && hasWords(without(text, known)));
}

const hasWords = (text: string): boolean => /[A-Za-z]{2,}/.test(text.replaceAll(SAME, ' '));

const without = (text: string, parts: readonly string[]): string =>
  parts.reduce((rest, part) => rest.replaceAll(part, ' '), text);

/** All texts in a value, keys included: those of objects from model files are shown, too. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value, value.split(/[\\/]/).at(-1) ?? ''];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...stringsIn(part)]);
}

/** What is to be read or heard on a page, hidden parts included, each text once. */
function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = new Set<string>();
    const add = (text: string | null) => {
      const trimmed = (text ?? '').replace(/\s+/g, ' ').trim();
      if (trimmed !== '') texts.add(trimmed);
    };
    for (const element of document.body.querySelectorAll('*')) {
      if (element.matches('script, style')) continue;
      for (const name of ['title', 'aria-label', 'placeholder', 'aria-valuetext', 'aria-description', 'alt'])
        add(element.getAttribute(name));
      for (const child of element.childNodes) if (child instanceof Text) add(child.data);
    }
    return [...texts];
  });
}
