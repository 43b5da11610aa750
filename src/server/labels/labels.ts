import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { toResult } from '../../shared/errors';
import { classCount, type FoundLabels } from '../../shared/labels/foundLabels';
import { LABEL_FILES, MAX_LABEL_BYTES, parseLabels } from '../../shared/labels/labelFile';
import type { Graph } from '../graph/graph';
import { companionFile } from '../io/companion';
import { readFile } from '../io/openFile';
import { type OpenModel, settingsFile } from '../session/openModels';
import { readSidecar } from '../session/sidecar';
import { imagenetNames } from './imagenet';
import { lookupNames } from './lookups';

/** Names from one place. */
interface Candidate {
  readonly from: string;
  readonly labels: readonly string[];
}

/**
 * The names of a model's classes where its settings have none, from the first of these places that has as many as one of the outputs has
 * classes: `labels.txt`, `labels.json`, `class_names.txt` or Teachable Machine's `metadata.json` beside the model, a StringLookup
 * with `invert` inside it, ImageNet's names for a network of keras.applications with its own head. Never throws: what cannot be
 * used is named in `ignored`.
 */
export async function findLabels(model: OpenModel): Promise<FoundLabels> {
  const counts = countsOf(model.graph);
  const ignored: string[] = [];
  const fits = ({ labels }: Candidate): boolean => counts === null || counts.includes(labels.length);
  for (const name of LABEL_FILES) {
    const found = await toResult(() => besideModel(model, name));
    if (!found.ok) ignored.push(`${found.error.message} ${l10n.t('It is not used.')}`);
    else if (found.value === null) continue;
    else if (fits(found.value)) return { ...found.value, ignored };
    else ignored.push(`${wrongLength(found.value, counts)} ${l10n.t('It is not used.')}`);
  }
  const inside = await toResult(() => lookupNames(model));
  const named = (inside.ok ? inside.value : []).map(({ layer, names }) => ({
    from: l10n.t('the vocabulary of {0}', layer),
    labels: names,
  }));
  // A lookup of another length belongs to another value.
  const lookup = counts === null ? undefined : named.find(fits);
  if (lookup) return { ...lookup, ignored };
  const names = imagenetNames(model.graph);
  return names === null
    ? { labels: [], from: null, ignored }
    : { labels: names, from: l10n.t('ImageNet, in the order of keras.applications'), ignored };
}

/** The names in the settings beside a model, else those that `findLabels` finds. For callers without settings of a workspace. */
export async function labelsOf(model: OpenModel): Promise<FoundLabels> {
  const settings = await toResult(() => readSidecar(settingsFile(model))?.labels);
  if (settings.ok && settings.value !== undefined) {
    return { labels: settings.value, from: l10n.t('the settings beside the model'), ignored: [] };
  }
  return findLabels(model);
}

/** How many names each output of numbers takes; `null` where one is unknown. */
function countsOf({ summary: { outputs } }: Graph): number[] | null {
  const counts = outputs.filter(({ dtype }) => dtype !== 'string').map(({ shape }) => classCount(shape));
  const known = counts.filter((count) => count !== null);
  return known.length === counts.length ? known : null;
}

function besideModel(model: OpenModel, name: string): Candidate | null {
  const path = settingsFile(model);
  // The files of a model that is itself such a file: `metadata.json` may be anything.
  if (name === basename(path) || companionFile(path, name) === null) return null;
  const text = readFile(join(dirname(path), name), MAX_LABEL_BYTES).toString('utf8');
  // Many programs write a file of this name.
  if (name === 'metadata.json' && !/"labels"\s*:/.test(text)) return null;
  return { from: name, labels: parseLabels(name, text) };
}

function wrongLength({ from, labels }: Candidate, counts: readonly number[] | null): string {
  const wanted = [...new Set(counts)].join(' / ') || '0';
  return labels.length === 1
    ? l10n.t('{0} holds 1 class name, and the model takes {1}.', from, wanted)
    : l10n.t('{0} holds {1} class names, and the model takes {2}.', from, labels.length, wanted);
}
