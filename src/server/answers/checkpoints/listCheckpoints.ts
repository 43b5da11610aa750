import { basename, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { seriesOf } from '../../../shared/checkpoints/checkpointNames';
import { fail } from '../../../shared/errors';
import type { CheckpointList } from '../../../shared/results/checkpoints';
import { listFolder, statOf } from '../../io/openFile';

/** Epochs of one strip. */
export const MAX_EPOCHS = 1000;

/**
 * The epochs in a folder, in order (see `seriesOf`): by the numbers in their names, else by the time of their last change. Names and times
 * only: no file is opened.
 * @param member the name of a file whose training is meant, where the folder holds several
 * @throws Failure `file-not-found`, `not-a-model` for a folder without checkpoints
 */
export function listCheckpoints(folder: string, member?: string): CheckpointList {
  const absolute = resolve(folder);
  if (statOf(absolute)?.isDirectory() !== true)
    fail('file-not-found', l10n.t('There is no folder {0}.', absolute), {
      subject: absolute,
      remedy: l10n.t('Choose the folder that holds the checkpoints of a training.'),
    });
  const names = listFolder(absolute);
  const { names: ordered, numbers, others } = seriesOf(names, member);
  const found = ordered.flatMap((name, i) => {
    const path = join(absolute, name);
    const stat = statOf(path);
    return stat?.isFile() === true
      ? [{ path, name, number: numbers?.[i] ?? null, modified: stat.mtimeMs }]
      : [];
  });
  if (found.length === 0)
    fail('not-a-model', l10n.t('The folder {0} holds no checkpoints.', basename(absolute)), {
      subject: absolute,
      remedy: l10n.t(
        'Choose a folder with .keras, .h5, .weights.h5 or .weights.json files, or with TensorFlow checkpoints (ckpt-1.index).',
      ),
    });
  if (numbers === null) found.sort((a, b) => a.modified - b.modified);
  return {
    folder: absolute,
    files: found.slice(0, MAX_EPOCHS),
    orderedBy: numbers === null ? 'time' : 'number',
    others,
    cut: Math.max(0, found.length - MAX_EPOCHS),
  };
}
