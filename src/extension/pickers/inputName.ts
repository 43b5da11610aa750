import { basename } from 'node:path';
import type { InputSource } from '../../shared/inputs';

/** A short name for headers and titles: the file's name, or "random, seed 1". */
export function inputName(source: InputSource): string {
  if (source.kind === 'random') return `random, seed ${source.seed}`;
  const file = basename(source.path);
  return source.member === undefined ? file : `${file} [${source.member}]`;
}
