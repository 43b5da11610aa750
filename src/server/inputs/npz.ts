import { basename } from 'node:path';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { Failure, fail } from '../../shared/errors';
import { MAX_INPUT_BYTES } from './inputLimits';
import { bytesNeeded, type NpyArray, parseNpy, type Taken } from './npy';

const MAX_ENTRIES = 10_000;
/** Deflate cannot shrink further: a greater ratio is a lie or a trap. */
const MAX_RATIO = 1032;

export interface NpzArray extends NpyArray {
  /** Name of the array, without `.npy`. */
  readonly member: string;
}

function unreadable(file: string, thrown: unknown): never {
  if (thrown instanceof Failure) throw thrown;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return fail('truncated', `The archive ${basename(file)} cannot be read: ${words}.`, {
    remedy: 'Copy or download the file again.',
    subject: file,
  });
}

async function arraysOf(zip: ZipFile, file: string): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) {
    return fail('too-large', `${basename(file)} says that it has ${zip.entryCount} entries.`, {
      remedy: 'Save the one array that is the input with numpy.save.',
      subject: file,
    });
  }
  const arrays = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('.npy')) arrays.set(entry.fileName.slice(0, -4), entry);
  }
  return arrays;
}

/** The start of a member as far as it is needed: the header first, which says what the rest would be. */
async function unpack(zip: ZipFile, entry: Entry, file: string, taken: Taken | undefined): Promise<Buffer> {
  const size = entry.uncompressedSize;
  const tooLarge = (bytes: number): never =>
    fail('too-large', `${basename(file)}: ${entry.fileName} would unfold to ${bytes} bytes.`, {
      remedy: 'Save only the sample that you want explained, e.g. numpy.save("sample.npy", x[:1]).',
      subject: file,
    });
  if (size > entry.compressedSize * MAX_RATIO) return tooLarge(size);
  const chunks: Buffer[] = [];
  let length = 0;
  let needed: number | null = null;
  // yauzl itself stops a stream that gives more or less than the size checked above.
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    chunks.push(chunk);
    length += chunk.length;
    needed ??= bytesNeeded(Buffer.concat(chunks), size, `${file}:${entry.fileName}`, taken);
    if (needed === null) continue;
    if (needed > MAX_INPUT_BYTES) return tooLarge(needed);
    if (length >= needed) break;
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
    return fail('bad-input', `The archive ${basename(file)} holds no .npy array.`, {
      remedy: 'Write it with numpy.savez.',
      subject: file,
    });
  }
  if (wanted !== undefined) {
    const name = wanted.replace(/\.npy$/, '');
    if (names.includes(name)) return name;
    return fail('bad-input', `${basename(file)} holds no array "${name}"; it holds ${listed}.`, {
      remedy: 'Name one of these.',
      subject: file,
    });
  }
  const [first] = names;
  if (first !== undefined && names.length === 1) return first;
  if (names.includes(inputName)) return inputName;
  return fail(
    'bad-input',
    `${basename(file)} holds several arrays (${listed}); which is the input is open.`,
    {
      remedy: `Name one of them, or name the array after the model's input, "${inputName}".`,
      subject: file,
    },
  );
}

/**
 * Reads one array of a .npz archive, stored or deflated: `wanted` if given, else the only one, else the one named
 * like the model's input.
 *
 * @param bytes the whole archive.
 * @param file its path, for messages.
 * @param taken how many of its values are wanted (see `parseNpy`); no more is unpacked.
 * @throws Failure `bad-input` (which names the arrays there are), `truncated`, `too-large`, and what `taken` throws.
 */
export async function readNpz(
  bytes: Buffer,
  file: string,
  wanted: string | undefined,
  inputName: string,
  taken?: Taken,
): Promise<NpzArray> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true }).catch((thrown: unknown) =>
    unreadable(file, thrown),
  );
  const arrays = await arraysOf(zip, file).catch((thrown: unknown) => unreadable(file, thrown));
  const member = choose([...arrays.keys()], wanted, inputName, file);
  const entry = arrays.get(member);
  if (entry === undefined) return unreadable(file, `no entry ${member}`);
  const data = await unpack(zip, entry, file, taken).catch((thrown: unknown) => unreadable(file, thrown));
  return { member, ...parseNpy(data, `${file}:${member}`, taken, entry.uncompressedSize) };
}
