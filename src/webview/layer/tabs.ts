import * as l10n from '@vscode/l10n';
import { configTab } from './config/configTab';
import type { TabKind } from './tab';
import { tableTab } from './table/tableTab';
import { valuesTab } from './values/valuesTab';
import { weightsTab } from './weights/weightsTab';

/** The tabs of the page, in their order: one row and one file each. The first one is chosen on a new page. */
export const TABS: readonly TabKind[] = [
  { id: 'values', label: l10n.t('Values'), create: valuesTab },
  { id: 'table', label: l10n.t('Table'), create: tableTab },
  { id: 'weights', label: l10n.t('Weights'), create: weightsTab },
  { id: 'config', label: l10n.t('Config'), create: configTab },
];

/** The tab of a layer that has no values. */
export const WITHOUT_VALUES = 'weights';
