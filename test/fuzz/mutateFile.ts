import { unzipSync, type Zippable, zipSync } from 'fflate';
import { archiveOf, entriesIn, type PackedEntry } from '../server/zipFile';
import { mutateBytes } from './mutateBytes';
import { mutateHdf5 } from './mutateHdf5';
import { mutateImage } from './mutateImage';
import { mutateJson } from './mutateJson';
import { mutateNumbers } from './mutateNumbers';
import { mutateProto } from './mutateProto';
import { mutateTable } from './mutateTable';
import { mutateText } from './mutateText';
import type { Random } from './random';

/**
 * One random change of a file's content that keeps to its format: an entry of an archive, a value of a JSON text, a number of a
 * header; every eighth time of any bytes.
 * @param name decides the format by its ending.
 */
export function mutateFile(name: string, bytes: Buffer, random: Random): Buffer {
  const mutate = MUTATORS.find(([ending]) => ending.test(name))?.[1] ?? mutateBytes;
  return random.chance(0.125) ? mutateBytes(bytes, random) : mutate(bytes, random);
}

const MUTATORS: readonly (readonly [RegExp, (bytes: Buffer, random: Random) => Buffer])[] = [
  [/\.(keras|npz)$/, mutateZip],
  [/\.json$/, (bytes, random) => Buffer.from(mutateJson(bytes.toString('utf8'), random))],
  [/\.npy$/, mutateNpy],
  [/\.(png|jpe?g|webp|bmp)$/, mutateImage],
  [/\.pb$/, mutateProto],
  [/\.index$/, mutateTable],
  [/\.(h5|hdf5)$/, mutateHdf5],
  [/\.(csv|tsv|txt|fasta)$/, mutateText],
  [/\.bin$|\.data-/, (bytes, random) => (random.chance(0.6) ? mutateNumbers : mutateBytes)(bytes, random)],
];

const MAX_ENTRY_BYTES = 2 ** 24;

function mutateZip(bytes: Buffer, random: Random): Buffer {
  let entries: Record<string, Uint8Array>;
  try {
    // A mutated size must not make the fuzzer itself allocate gigabytes.
    entries = unzipSync(bytes, { filter: ({ originalSize }) => originalSize < MAX_ENTRY_BYTES });
  } catch {
    return mutatePacked(bytes, random);
  }
  const names = Object.keys(entries);
  if (names.length === 0) return mutateBytes(bytes, random);
  // What decides most is the config.
  const [config] = names.filter((entry) => entry === 'config.json');
  const name = config !== undefined && random.chance(0.5) ? config : random.pick(names);
  const content = Buffer.from(entries[name] ?? []);
  const rename = (to: string): void => {
    delete entries[name];
    entries[to] = content;
  };
  switch (random.below(16)) {
    case 0:
      delete entries[name];
      break;
    case 1:
      rename(
        random.pick([
          `../${name}`,
          `/${name}`,
          name.toUpperCase(),
          'config.json',
          `${name}\u0000`,
          `a/${name}`,
        ]),
      );
      break;
    case 2:
      entries[name] = Buffer.from(entries[random.pick(names)] ?? []);
      break;
    default:
      entries[name] = mutateFile(name, content, random);
  }
  const level = random.chance(0.5) ? 0 : 6;
  const zippable: Zippable = Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key, [value, { level }]]),
  );
  return Buffer.from(zipSync(zippable));
}

/** Packed data of an entry by a method that fflate does not know (bzip2, LZMA), or what the archive says of it. */
function mutatePacked(bytes: Buffer, random: Random): Buffer {
  let entries: PackedEntry[];
  try {
    entries = entriesIn(bytes);
  } catch {
    return mutateBytes(bytes, random);
  }
  if (entries.length === 0) return mutateBytes(bytes, random);
  const changed = random.below(entries.length);
  const change = (entry: PackedEntry): PackedEntry => {
    switch (random.below(8)) {
      case 0:
        return {
          ...entry,
          size: random.pick([0, 1, Math.max(0, entry.size - 1), entry.size + 1, 2 ** 26, 2 ** 32 - 2]),
        };
      case 1:
        return { ...entry, method: random.pick([0, 8, 9, 12, 14, 93]) };
      case 2:
        return { ...entry, flags: entry.flags ^ 2 };
      default:
        return { ...entry, packed: mutateBytes(Buffer.from(entry.packed), random) };
    }
  };
  return archiveOf(entries.map((entry, i) => (i === changed ? change(entry) : entry)));
}

const SHAPES = [
  '()',
  '(0,)',
  '(1,)',
  '(4, 4)',
  '(1, 4, 4, 1)',
  '(2, 4, 4, 1)',
  '(4294967296,)',
  '(99999, 99999, 99999)',
  '(-1, 4)',
];
const TYPES = [
  '<f4',
  '<f8',
  '<f2',
  '>f4',
  '|b1',
  '<i8',
  '<u2',
  '|S1',
  '|S99999',
  '<U7',
  '|O',
  '<c8',
  '|V4',
  '<M8[s]',
  "[('a','<f4')]",
];

/** Another shape, type or order in the header, padded as numpy does; version 1.0 only. */
function mutateNpy(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 10) return mutateBytes(bytes, random);
  const length = bytes.readUInt16LE(8);
  const header = bytes.subarray(10, 10 + length).toString('latin1');
  const other = random.pick([
    () => header.replace(/\([^)]*\)/, random.pick(SHAPES)),
    () => header.replace(/'descr': '[^']*'/, `'descr': '${random.pick(TYPES)}'`),
    () => header.replace('False', 'True'),
    () => header.slice(0, random.below(header.length)),
    () => mutateBytes(Buffer.from(header, 'latin1'), random).toString('latin1'),
    () => null,
  ])();
  if (other === null) return mutateNumbers(bytes, random);
  const padded = `${other.trimEnd()}${' '.repeat(64)}`.slice(0, 60_000);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(padded.length + 1);
  return Buffer.concat([
    ...[bytes.subarray(0, 8), size, Buffer.from(`${padded}\n`, 'latin1')],
    bytes.subarray(10 + length),
  ]);
}
