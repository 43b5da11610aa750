import type { LayerglassError, Result } from '../../../shared/errors';

/** Pages that are kept; the oldest is dropped. */
const MAX_PAGES = 60;

/** Items of a long list, fetched by pages when they are first asked for, so that the page is never sent more than it shows. */
export function pagedItems<Item>(options: {
  readonly size: number;
  fetch(from: number, count: number): Promise<Result<readonly Item[]>>;
  /** A page has arrived. */
  onItems(): void;
  onError(error: LayerglassError): void;
}): {
  /** An item, or `undefined` while it is being fetched. */
  at(index: number): Item | undefined;
  /** Forgets all: another list is shown. */
  clear(): void;
} {
  const { size } = options;
  const pages = new Map<number, readonly Item[] | null>();
  let sequence = 0;

  const load = async (page: number) => {
    const mine = sequence;
    pages.set(page, null);
    const [oldest] = pages.keys();
    if (pages.size > MAX_PAGES && oldest !== undefined) pages.delete(oldest);
    const answer = await options.fetch(page * size, size);
    if (mine !== sequence) return;
    // A page that failed is not asked for again until the list changes.
    if (answer.ok) pages.set(page, answer.value);
    else options.onError(answer.error);
    options.onItems();
  };
  return {
    at(index) {
      const page = Math.floor(index / size);
      const known = pages.get(page);
      if (known === undefined) void load(page);
      return known?.[index % size];
    },
    clear() {
      sequence += 1;
      pages.clear();
    },
  };
}
