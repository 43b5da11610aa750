import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { fail } from '../../shared/errors';
import { type NpyArray, parseNpy } from './npy';

const MAX_ENTRIES = 10_000;

/** As for a file of its own (see inputFile.ts). */
const MAX_ARRAY_BYTES = 2 ** 30;

/** Deflate cannot shrink further, so a greater ratio is a lie or a trap. */
const MAX_RATIO = 1032;

/** An .npz file opened for reading its arrays one by one. */
export interface NpzFile {
  /** Names of the arrays, as `numpy.load(path).files`. */
  readonly names: readonly string[];
  /** Throws `bad-input`, `too-large` or `truncated`. */
  read(name: string): Promise<NpyArray>;
}

/**
 * Opens the bytes of an .npz file (`numpy.savez` or `savez_compressed`); unpacks nothing yet.
 * @param name what to call the file in messages.
 * @throws `truncated` for a damaged archive, `too-large` for an absurd directory.
 */
export async function openNpz(bytes: Buffer, name: string): Promise<NpzFile> {
  const entries = new Map<string, Entry>();
  const zip = await directoryOf(bytes, name, entries);
  return {
    names: [...entries.keys()],
    async read(member) {
      const entry = entries.get(member);
      if (!entry)
        fail('bad-input', `${name} has no array '${member}'.`, { remedy: listOf([...entries.keys()]) });
      return parseNpy(await unpack(zip, entry, name), `${name} (${member})`);
    },
  };
}

/** A remedy that names the arrays there are. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `'${name}'`);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return names.length === 0
    ? 'Save arrays into it: numpy.savez(path, x=x).'
    : `Choose one of its arrays: ${shown.join(', ')}${more}.`;
}

async function directoryOf(bytes: Buffer, name: string, entries: Map<string, Entry>): Promise<ZipFile> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    if (zip.entryCount <= MAX_ENTRIES) {
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName.endsWith('.npy')) entries.set(entry.fileName.slice(0, -'.npy'.length), entry);
      }
      return zip;
    }
  } catch (error) {
    failDamaged(name, error);
  }
  fail('too-large', `${name} states more than ${MAX_ENTRIES} arrays.`, {
    remedy: 'Save the one example that is to be explained to a file of its own.',
  });
}

async function unpack(zip: ZipFile, entry: Entry, name: string): Promise<Buffer> {
  const { fileName, uncompressedSize, compressedSize } = entry;
  const possible = Math.min(compressedSize, zip.fileSize) * MAX_RATIO;
  if (uncompressedSize > MAX_ARRAY_BYTES || uncompressedSize > possible) {
    fail('too-large', `${name}: ${fileName} would unfold to ${uncompressedSize} bytes.`, {
      remedy: 'Save the one example that is to be explained to a file of its own.',
    });
  }
  try {
    const bytes = Buffer.allocUnsafe(uncompressedSize);
    let done = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      // yauzl itself stops a stream that gives more or less than `uncompressedSize`.
      bytes.set(chunk, done);
      done += chunk.length;
    }
    return bytes;
  } catch (error) {
    failDamaged(name, error);
  }
}

function failDamaged(name: string, error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  fail('truncated', `${name} is a damaged zip archive (${reason}).`, {
    remedy: 'The download or the copy is not complete; get the file again.',
  });
}
