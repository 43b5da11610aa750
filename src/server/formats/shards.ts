import { basename, dirname, isAbsolute, resolve, win32 } from 'node:path';
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
          `${last === undefined ? basename(modelPath) : basename(last.path)} is cut short: the weights named in ` +
            `${basename(modelPath)} need ${start + length} bytes in ${names.join(', ') || 'no shard'}, there are ${end}.`,
          {
            remedy: 'Copy the shards again, all of them from the same model.',
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
    fail('missing-shard', `The shard ${name} that ${basename(modelPath)} names is not in its folder.`, {
      remedy: `Copy ${name} beside ${basename(modelPath)}.`,
      subject: path,
    });
  }
  return companionPath(modelPath, path);
}

function failEscape(modelPath: string, name: string): never {
  fail(
    'path-escape',
    `${basename(modelPath)} names the shard ${name}, which is outside its folder; it is not read.`,
    {
      remedy: `Put the shards beside ${basename(modelPath)} and name them without a path.`,
      subject: modelPath,
    },
  );
}

function readRange(shard: Shard, position: number, target: Uint8Array): void {
  const file = openFile(shard.path);
  try {
    if (file.read(target, position) < target.byteLength) {
      fail('truncated', `${basename(shard.path)} became shorter while it was read.`, {
        remedy: 'Open the model again when the file is complete.',
        subject: shard.path,
      });
    }
  } finally {
    file.close();
  }
}
