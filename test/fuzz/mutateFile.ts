import { crc32 } from 'node:zlib';
import { unzipSync, type Zippable, zipSync } from 'fflate';
import { mutateBytes } from './mutateBytes';
import { mutateJson } from './mutateJson';
import { mutateProto } from './mutateProto';
import type { Random } from './random';

/**
 * One random change of a file's content that keeps to its format: an entry of an archive, a value of a JSON text, a number of a
 * header; every fourth time of any bytes.
 * @param name decides the format by its ending.
 */
export function mutateFile(name: string, bytes: Buffer, random: Random): Buffer {
  if (random.chance(0.25)) return mutateBytes(bytes, random);
  if (/\.(keras|npz)$/.test(name)) return mutateZip(bytes, random);
  if (/\.json$/.test(name)) return Buffer.from(mutateJson(bytes.toString('utf8'), random));
  if (/\.npy$/.test(name)) return mutateNpy(bytes, random);
  if (/\.png$/.test(name)) return mutatePng(bytes, random);
  if (/\.pb$/.test(name)) return mutateProto(bytes, random);
  if (/\.(h5|hdf5)$/.test(name)) return mutateHdf5(bytes, random);
  return mutateBytes(bytes, random);
}

function mutateZip(bytes: Buffer, random: Random): Buffer {
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes);
  } catch {
    return mutateBytes(bytes, random);
  }
  const names = Object.keys(entries);
  if (names.length === 0) return mutateBytes(bytes, random);
  const name = random.pick(names);
  const content = Buffer.from(entries[name] ?? []);
  const rename = (to: string): void => {
    delete entries[name];
    entries[to] = content;
  };
  switch (random.below(10)) {
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
  ])();
  const padded = `${other.trimEnd()}${' '.repeat(64)}`.slice(0, 60_000);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(padded.length + 1);
  return Buffer.concat([
    ...[bytes.subarray(0, 8), size, Buffer.from(`${padded}\n`, 'latin1')],
    bytes.subarray(10 + length),
  ]);
}

/** Other numbers in the header of a PNG, with a checksum that holds. */
function mutatePng(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 33) return mutateBytes(bytes, random);
  const changed = Buffer.from(bytes);
  const at = 16 + random.below(13);
  if (at < 24)
    changed.writeUInt32BE(random.pick([0, 1, 7, 4096, 70_000, 2 ** 31 - 1, 2 ** 32 - 1]), at < 20 ? 16 : 20);
  else changed[at] = random.pick([0, 1, 2, 3, 4, 6, 8, 16, 255]);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}

/** A digit or letter inside the JSON that Keras keeps in an attribute, so that every length stays true. */
function mutateHdf5(bytes: Buffer, random: Random): Buffer {
  const from = bytes.indexOf('{"');
  if (from < 0 || random.chance(0.5)) return mutateBytes(bytes, random);
  const to = Math.min(bytes.length, from + 200_000);
  const changed = Buffer.from(bytes);
  for (let i = 0; i < 1 + random.below(3); i++) {
    const at = from + random.below(to - from);
    const old = changed[at] ?? 0;
    if (old >= 0x30 && old <= 0x39) changed[at] = 0x30 + random.below(10);
    else if (old >= 0x61 && old <= 0x7a) changed[at] = 0x61 + random.below(26);
    else changed[at] = random.pick([...Buffer.from('"[]{},: -0')]);
  }
  return changed;
}
