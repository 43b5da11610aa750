import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { Failure, fail, toResult } from '../../../shared/errors';
import { inMemory } from '../../io/byteSource';
import { possibleSize, unpackEntry, unsupportedReason } from '../../io/zip/zipEntry';
import { MAX_INPUT_BYTES } from '../inputLimits';
import { bytesNeeded, type CountNeeded, type NpyArray, type NpyHeader, parseNpy } from './npy';

const MAX_ENTRIES = 10_000;

export interface NpzArray extends NpyArray {
  /** Name of the array, without `.npy`. */
  readonly member: string;
}

function unreadable(file: string, thrown: unknown): never {
  if (thrown instanceof Failure) throw thrown;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return fail('truncated', l10n.t('The archive {0} cannot be read: {1}.', basename(file), words), {
    remedy: l10n.t('Copy or download the file again.'),
    subject: file,
  });
}

async function arraysOf(zip: ZipFile, file: string): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) {
    return fail('too-large', l10n.t('{0} declares {1} entries.', basename(file), zip.entryCount), {
      remedy: l10n.t('Save the one array that is the input with numpy.save.'),
      subject: file,
    });
  }
  const arrays = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('.npy')) arrays.set(entry.fileName.slice(0, -4), entry);
  }
  return arrays;
}

/** The needed start of a member: first the header, which tells how much of the rest is needed. */
async function unpack(
  zip: ZipFile,
  entry: Entry,
  archive: Buffer,
  file: string,
  taken: CountNeeded | undefined,
): Promise<Buffer> {
  const { fileName, uncompressedSize: size } = entry;
  const reason = unsupportedReason(entry, file);
  if (reason !== null) {
    return fail('unsupported-format', reason, {
      remedy: l10n.t('Write it with numpy.savez.'),
      subject: file,
    });
  }
  const tooLarge = (bytes: number): never =>
    fail('too-large', l10n.t('{0}: {1} would unpack to {2} bytes.', basename(file), fileName, bytes), {
      remedy: l10n.t('Save only the sample that you want explained, e.g. numpy.save("sample.npy", x[:1]).'),
      subject: file,
    });
  if (size > possibleSize(entry, archive.length)) return tooLarge(size);
  const chunks: Uint8Array[] = [];
  let length = 0;
  let needed: number | null = null;
  try {
    for await (const chunk of unpackEntry(zip, entry, inMemory(archive))) {
      chunks.push(chunk);
      length += chunk.length;
      needed ??= bytesNeeded(Buffer.concat(chunks), size, `${file}:${fileName}`, taken);
      if (needed === null) continue;
      if (needed > MAX_INPUT_BYTES) return tooLarge(needed);
      // An array that is needed whole is read to the end, where its CRC-32 is checked.
      if (length >= needed && needed < size) break;
    }
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    return fail(
      'truncated',
      l10n.t('{0}: {1} in it cannot be unpacked ({2}).', basename(file), fileName, words),
      {
        remedy: l10n.t('Copy or download the file again.'),
        subject: file,
      },
    );
  }
  return Buffer.concat(chunks);
}

function choose(
  names: readonly string[],
  wanted: string | undefined,
  inputName: string,
  file: string,
): string {
  const listed = names.map((name) => `"${name}"`).join(', ');
  if (names.length === 0) {
    return fail('bad-input', l10n.t('The archive {0} holds no .npy array.', basename(file)), {
      remedy: l10n.t('Write it with numpy.savez.'),
      subject: file,
    });
  }
  if (wanted !== undefined) {
    const name = wanted.replace(/\.npy$/, '');
    if (names.includes(name)) return name;
    return fail(
      'bad-input',
      l10n.t('{0} holds no array "{1}"; it holds {2}.', basename(file), name, listed),
      {
        remedy: l10n.t('Name one of these.'),
        subject: file,
      },
    );
  }
  const [first] = names;
  if (first !== undefined && names.length === 1) return first;
  if (names.includes(inputName)) return inputName;
  return fail(
    'bad-input',
    l10n.t('{0} holds several arrays ({1}); it is unclear which one is the input.', basename(file), listed),
    {
      remedy: l10n.t('Name one of them, or name the array after the model\'s input, "{0}".', inputName),
      subject: file,
    },
  );
}

/** An array of an archive, without its values. */
export interface NpzEntry extends NpyHeader {
  /** Name of the array, without `.npy`. */
  readonly member: string;
}

/**
 * The shapes and types of the arrays of a .npz archive, in its order. Those that hold objects or are damaged are left out.
 *
 * @param max arrays that are looked at
 * @throws Failure `truncated`, `too-large`
 */
export async function npzEntries(bytes: Buffer, file: string, max: number): Promise<NpzEntry[]> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true }).catch((thrown: unknown) =>
    unreadable(file, thrown),
  );
  const arrays = await arraysOf(zip, file).catch((thrown: unknown) => unreadable(file, thrown));
  const found: NpzEntry[] = [];
  for (const [member, entry] of [...arrays].slice(0, max)) {
    const read = await toResult(async () => {
      const start = await unpack(zip, entry, bytes, file, () => 0);
      return parseNpy(start, `${file}:${member}`, () => 0, entry.uncompressedSize);
    });
    if (read.ok) found.push({ member, shape: read.value.shape, dtype: read.value.dtype });
  }
  return found;
}

/**
 * Reads one array of a .npz archive, stored or compressed by deflate, bzip2 or LZMA: `wanted` if given, else the only one,
 * else the one named like the model's input.
 *
 * @param bytes the whole archive.
 * @param file its path, for messages.
 * @param taken how many of its values are needed (see `parseNpy`); no more are unpacked.
 * @throws Failure `bad-input` (which lists the arrays), `truncated`, `too-large`, `unsupported-format`, and those of `taken`.
 */
export async function readNpz(
  bytes: Buffer,
  file: string,
  wanted: string | undefined,
  inputName: string,
  taken?: CountNeeded,
): Promise<NpzArray> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true }).catch((thrown: unknown) =>
    unreadable(file, thrown),
  );
  const arrays = await arraysOf(zip, file).catch((thrown: unknown) => unreadable(file, thrown));
  const member = choose([...arrays.keys()], wanted, inputName, file);
  const entry = arrays.get(member);
  if (entry === undefined) return unreadable(file, l10n.t('no entry {0}', member));
  const data = await unpack(zip, entry, bytes, file, taken);
  return { member, ...parseNpy(data, `${file}:${member}`, taken, entry.uncompressedSize) };
}
