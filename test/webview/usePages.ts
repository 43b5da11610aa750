import { afterEach, beforeAll, expect } from 'vitest';
import { type FakeHost, type OpenPage, PageHarness, type PageName, type PageOptions } from './pageHarness';

/**
 * Registers the hooks that every test of a page needs and returns a function that opens a page. One Chromium serves all
 * files of a process; pages are closed after each test, which fails if one of them reported an error.
 */
export function usePages(): <Name extends PageName>(
  name: Name,
  host: FakeHost<Name>,
  options?: PageOptions,
) => Promise<OpenPage> {
  let harness: PageHarness | undefined;
  let pages: OpenPage[] = [];

  beforeAll(async () => {
    harness = await PageHarness.get();
  }, 60_000);
  afterEach(async () => {
    const opened = pages;
    pages = [];
    for (const { close } of opened) await close();
    expect(opened.flatMap(({ errors }) => errors)).toEqual([]);
  });

  return async (name, host, options) => {
    if (harness === undefined) throw new Error('Pages can be opened in hooks and tests only.');
    const opened = await harness.open(name, host, options);
    pages.push(opened);
    return opened;
  };
}
