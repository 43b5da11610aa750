import type { TabKind } from './tab';
import { valuesTab } from './values/valuesTab';

/** The tabs of the page, in their order: one row and one file each. The first one is chosen on a new page. */
export const TABS: readonly TabKind[] = [{ id: 'values', label: 'Values', create: valuesTab }];
