import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import { BROKEN, choice, FINDING } from '../health/cannedHealth';
import {
  horizontalOverflow,
  type Language,
  type OpenPage,
  type PageOptions,
  screenshot,
} from '../pageHarness';
import { usePages } from '../usePages';
import { leftInEnglish } from './leftInEnglish';

const openPage = usePages();

/** Every page with what it shows. */
const PAGES: Readonly<Record<string, (options: PageOptions) => Promise<OpenPage>>> = {
  health: async (options) => {
    const host = {
      ready: () => ok({ choice, fileName: 'cats.keras', inputNames: ['cat.png'] }),
      health: () => ok(BROKEN),
      doctor: () => ok(FINDING),
    };
    const opened = await openPage('health', host, options);
    await opened.page.getByText(FINDING.sentence).waitFor();
    return opened;
  },
};

const LANGUAGES: readonly Language[] = ['de', 'zh-cn'];

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(Object.entries(PAGES))('nothing on the page %s is left in English', async (name, open) => {
    const english = await open({});
    const translated = await open({ language, width: 520 });
    await screenshot(translated.page, `${name}-${language}`);
    expect(await leftInEnglish(english, translated, language)).toEqual([]);
    expect(await translated.page.locator('html').getAttribute('lang')).toBe(language);
    // Long words of German, too, fit into a narrow page.
    expect(await horizontalOverflow(translated.page)).toBe(0);
  });
});
