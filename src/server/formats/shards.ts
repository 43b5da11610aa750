import { basename, dirname, isAbsolute, resolve, win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { companionPath, isInside } from '../io/companion';
import { openFile, realPathOf } from '../io/openFile';

/** The shards of one weight group, read like one file; each is open only while it is read. */
export interface ShardGroup {
  /** Bytes `start` to `start + length` of the group. @throws Failure `path-escape`, `missing-shard` or `truncated`. */
  read(start: number, length: number): Uint8Array;
}

/** The shards that `model.json` at `modelPath` names, relative to its folder. */
export function shardGroup(modelPath: string, names: readonly string[]): ShardGroup {
  let shards: readonly Shard[] | null = null;
  return {
    read(start, length) {
      shards ??= locate(modelPath, names);
      const last = shards.at(-1);
      const end = last === undefined ? 0 : last.start + last.size;
      if (start + length > end) {
        fail(
          'truncated',
          l10n.t(
            '{0} is cut short: the weights named in {1} need {2} bytes in {3}, there are {4}.',
            last === undefined ? basename(modelPath) : basename(last.path),
            basename(modelPath),
            start + length,
            names.join(', ') || l10n.t('no shard'),
            end,
          ),
          {
            remedy: l10n.t('Copy the shards again, all of them from the same model.'),
            subject: last?.path ?? modelPath,
          },
        );
      }
      const bytes = new Uint8Array(length);
      for (const shard of shards) {
        const from = Math.max(start, shard.start);
        const to = Math.min(start + length, shard.start + shard.size);
        if (from < to) readRange(shard, from - shard.start, bytes.subarray(from - start, to - start));
      }
      return bytes;
    },
  };
}

interface Shard {
  readonly path: string;
  /** Offset in the group. */
  readonly start: number;
  readonly size: number;
}

function locate(modelPath: string, names: readonly string[]): readonly Shard[] {
  let start = 0;
  return names.map((name) => {
    const path = shardPath(modelPath, name);
    const file = openFile(path);
    file.close();
    const shard = { path, start, size: file.size };
    start += file.size;
    return shard;
  });
}

/**
 * The real path of a shard, which must be in the real folder of the model, links followed.
 * @throws Failure `path-escape` or `missing-shard`.
 */
export function shardPath(modelPath: string, name: string): string {
  const folder = realPathOf(dirname(modelPath)) ?? dirname(modelPath);
  const path = resolve(folder, name);
  // A manifest written on Windows may be read on another system, and vice versa.
  if (isAbsolute(name) || win32.isAbsolute(name) || !isInside(folder, path)) failEscape(modelPath, name);
  if (realPathOf(path) === null) {
    fail(
      'missing-shard',
      l10n.t('The shard {0} that {1} names is not in its folder.', name, basename(modelPath)),
      {
        remedy: l10n.t('Copy {0} beside {1}.', name, basename(modelPath)),
        subject: path,
      },
    );
  }
  return companionPath(modelPath, path);
}

function failEscape(modelPath: string, name: string): never {
  fail(
    'path-escape',
    l10n.t(
      '{0} names the shard {1}, which is outside its folder; it is not read.',
      basename(modelPath),
      name,
    ),
    {
      remedy: l10n.t('Put the shards beside {0} and name them without a path.', basename(modelPath)),
      subject: modelPath,
    },
  );
}

function readRange(shard: Shard, position: number, target: Uint8Array): void {
  const file = openFile(shard.path);
  try {
    if (file.read(target, position) < target.byteLength) {
      fail('truncated', l10n.t('{0} became shorter while it was read.', basename(shard.path)), {
        remedy: l10n.t('Open the model again when the file is complete.'),
        subject: shard.path,
      });
    }
  } finally {
    file.close();
  }
}
