import { dirname, join } from 'node:path';
import { LABEL_FILES } from '../../shared/labels/labelFile';
import {
  ARRAY_FILES,
  FASTA_FILES,
  IMAGE_FILES,
  TABLE_FILES,
  TEXT_FILES,
} from '../../shared/sources/inputFiles';
import { companionFile } from '../io/companion';
import { listFolder } from '../io/openFile';
import type { OpenModel } from '../session/openModels';

const MAX_FILES = 20;
const KINDS = [...IMAGE_FILES, ...ARRAY_FILES, ...FASTA_FILES, ...TABLE_FILES, ...TEXT_FILES];
const LABELS: readonly string[] = LABEL_FILES;
const INPUT = new RegExp(`\\.(${KINDS.join('|')})$`, 'i');

/** Files in a model's folder that may be inputs of it, going by their names: somewhere to start for who sees no folder. */
export const filesBeside = ({ path }: Pick<OpenModel, 'path'>): string[] =>
  listFolder(dirname(path))
    .filter((name) => INPUT.test(name) && !LABELS.includes(name) && companionFile(path, name) !== null)
    .slice(0, MAX_FILES)
    .map((name) => join(dirname(path), name));
