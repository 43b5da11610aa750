import { unzipSync, zipSync } from 'fflate';
import { type Json, type Place, placesIn } from './mutateJson';
import type { Random } from './random';

const LARGE = [1e6, 2e6, 5e6, 1e7, 2.4e7, 1e8, 1e9];
/** A number that is no size, a class index or a version as little as a kernel, is larger. */
const MAX_SMALL = 4096;

/**
 * One or two small numbers in the JSON of a model made as large as no real model has them: sizes of inputs and windows, steps, rates,
 * repetitions. A .keras file or a JSON text; any other file stays as it is.
 */
export function enlargeFile(name: string, bytes: Buffer, random: Random): Buffer {
  if (name.endsWith('.json')) return Buffer.from(enlarged(bytes.toString('utf8'), random));
  if (!name.endsWith('.keras')) return bytes;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes);
  } catch {
    // Packed by a method that fflate does not know, or damaged on purpose.
    return bytes;
  }
  const config = entries['config.json'];
  if (config === undefined) return bytes;
  entries['config.json'] = Buffer.from(enlarged(Buffer.from(config).toString('utf8'), random));
  return Buffer.from(zipSync(entries, { level: 0 }));
}

function enlarged(text: string, random: Random): string {
  let root: Json;
  try {
    root = JSON.parse(text);
  } catch {
    // Python writes infinities, which are not JSON.
    return text;
  }
  const places = placesIn(root).filter(isSmall);
  for (let i = 0; i < random.pick([1, 1, 2]) && places.length > 0; i++) {
    const { holder, key } = random.pick(places);
    const value = random.pick(LARGE);
    const was: unknown = Reflect.get(holder, key);
    // Graph models write sizes as text.
    Reflect.set(holder, key, typeof was === 'string' ? String(value) : value);
  }
  return JSON.stringify(root);
}

function isSmall({ holder, key }: Place): boolean {
  const value: unknown = Reflect.get(holder, key);
  if (typeof value === 'string') return /^\d{1,4}$/.test(value);
  // The open sizes of a shape.
  if (value === null) return Array.isArray(holder);
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SMALL;
}
