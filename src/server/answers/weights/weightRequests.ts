import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import type {
  ExportWeightsParams,
  WeightFiltersParams,
  WeightParams,
  WeightValuesParams,
} from '../../../shared/protocol';
import type {
  ExportedWeights,
  FilterTiles,
  WeightStatistics,
  WeightValues,
} from '../../../shared/results/weights';
import { npyParts } from '../../inputs/arrays/npy';
import { npyNames } from '../../inspect/weights/npyNames';
import { isNumeric, statisticsOf, summaryOf } from '../../inspect/weights/weightStatistics';
import { writeAllOrNoneAsync } from '../../io/writeFile';
import { type Control, checkpointNow } from '../../run/control';
import type { OpenModel } from '../../session/openModels';
import { filterTiles } from './filterTiles';
import type { OpenWeights } from './openWeights';

/** Findings that a page shows by number; all are counted. */
const MAX_SHOWN = 50;
/** The share of reading a weight in the time that its statistics take. */
const READ = 0.3;
/** Values of one request. */
const MAX_VALUES = 1000;

/** The statistics of one weight, with as many findings as a page shows. @throws Failure of reading */
export async function weightStatistics(
  open: OpenWeights,
  model: OpenModel,
  { layer, weight: index }: WeightParams,
  control: Control,
): Promise<WeightStatistics> {
  const weight = await open.weight(model, layer, index);
  checkpointNow(control, 0, l10n.t('Reading {0}', weight.name));
  const values = await open.values(weight);
  const found = statisticsOf(weight, values, (share) =>
    checkpointNow(control, READ + (1 - READ) * share, l10n.t('Statistics of {0}', weight.name)),
  );
  const { filters } = found;
  if (filters === null) return found;
  const shown = <T>(list: readonly T[]): readonly T[] => list.slice(0, MAX_SHOWN);
  return {
    ...found,
    filters: {
      ...filters,
      dead: shown(filters.dead),
      nonFinite: shown(filters.nonFinite),
      duplicates: shown(filters.duplicates),
    },
  };
}

/** Some filters of a weight as images. @throws Failure of reading */
export async function weightFilters(
  open: OpenWeights,
  model: OpenModel,
  params: WeightFiltersParams,
): Promise<FilterTiles> {
  const weight = await open.weight(model, params.layer, params.weight);
  return filterTiles(weight, await open.values(weight), params);
}

/** Some values of a weight. @throws Failure of reading */
export async function weightValues(
  open: OpenWeights,
  model: OpenModel,
  { layer, weight: index, from, count }: WeightValuesParams,
): Promise<WeightValues> {
  const weight = await open.weight(model, layer, index);
  const values = await open.values(weight);
  return { total: values.length, values: [...values.subarray(from, from + Math.min(count, MAX_VALUES))] };
}

/** Writes one weight of a layer as a .npy file, or all of them into a folder. Overwrites: the caller has asked the user. */
export async function exportWeights(
  open: OpenWeights,
  model: OpenModel,
  { layer, weight: index, path }: ExportWeightsParams,
  control: Control,
): Promise<ExportedWeights> {
  const { weights } = await open.ofLayer(model, layer);
  const nameOf = npyNames();
  const all = weights.map((one, i) => ({ i, path: `${path}/${nameOf(one)}`, writes: isNumeric(one) }));
  const chosen = index === undefined ? all.filter(({ writes }) => writes) : [{ i: index, path }];
  return writeAllOrNoneAsync(async (add) => {
    for (const [done, { i, path }] of chosen.entries()) {
      const weight = await open.weight(model, layer, i);
      checkpointNow(control, done / chosen.length, l10n.t('Writing {0}', weight.name));
      add(path, npyParts(await open.values(weight), summaryOf(weight).shape));
    }
    return { folder: index === undefined ? path : dirname(path), files: chosen.map((one) => one.path) };
  });
}
