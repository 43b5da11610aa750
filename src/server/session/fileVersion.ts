import { createHash } from 'node:crypto';
import { isEdited, unedited } from '../../shared/edits/inputEdit';
import type { InputSource } from '../../shared/inputs';
import { statOf } from '../io/openFile';

/** Changes when the file at `path` or one of its companion files changes. Reads no content. */
export function fileVersion(path: string, companions: readonly string[] = []): string {
  return [path, ...companions]
    .map((one) => {
      const stats = statOf(one);
      return stats ? `${stats.mtimeMs}/${stats.ino}/${stats.size}` : 'missing';
    })
    .join(' ');
}

/** Each input with the version of its file: equal for equal values. Edits are long, so that their hash stands for them. */
export const inputVersions = (sources: readonly InputSource[]): (readonly [InputSource, ...string[]])[] =>
  sources.map((source) => [
    unedited(source),
    source.kind === 'file' ? fileVersion(source.path) : '',
    ...(isEdited(source) ? [hashOf(source)] : []),
  ]);

const hashOf = ({ edits }: InputSource): string =>
  createHash('sha256').update(JSON.stringify(edits)).digest('hex');
