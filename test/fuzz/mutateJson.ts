import type { Random } from './random';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that a config's reader may not expect. */
const STRANGE: readonly Json[] = [
  ...[null, true, false, 0, -1, 1, 2, 3, 0.5, 7, 255, 1024, 65_536, 2 ** 31, 2 ** 53, 1e9, 1e308, -1e308],
  ...[
    '',
    'x',
    'a'.repeat(3000),
    '../../etc/passwd',
    '/dev/zero',
    'NaN',
    '\u0000',
    '\u202e',
    '[a](command:b)',
  ],
  ...[
    'same',
    'valid',
    'causal',
    'channels_first',
    'softmax',
    'relu',
    'float16',
    'bool',
    'string',
    'tf.float32',
  ],
  ...[[], {}, [[]], [null], [0], [-1, -1], [1, 2, 3, 4, 5], { class_name: 'Dense', config: {} }],
];

export interface Place {
  readonly holder: Json[] | { [key: string]: Json };
  readonly key: number | string;
}

/** One random change of a JSON text that stays JSON; a text that is none already stays as it is. */
export function mutateJson(text: string, random: Random): string {
  let root: Json;
  try {
    root = JSON.parse(text);
  } catch {
    return text;
  }
  const places = placesIn(root);
  if (places.length === 0) return JSON.stringify(random.pick(STRANGE));
  change(random.pick(places), places, random);
  return JSON.stringify(root);
}

/** Every value of a parsed JSON text, by what holds it. */
export function placesIn(root: Json): Place[] {
  const places: Place[] = [];
  collect(root, places);
  return places;
}

function collect(value: Json, places: Place[]): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const key of keys) {
    places.push({ holder: value, key });
    collect(valueAt({ holder: value, key }), places);
  }
}

const valueAt = ({ holder, key }: Place): Json =>
  Array.isArray(holder) ? (holder[Number(key)] ?? null) : (holder[key] ?? null);

function put({ holder, key }: Place, value: Json): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[String(key)] = value;
}

function change(place: Place, places: Place[], random: Random): void {
  const { holder, key } = place;
  const kind = random.below(8);
  if (kind === 0 && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (kind === 0) Reflect.deleteProperty(holder, key);
  else if (kind === 1 && Array.isArray(holder)) holder.splice(Number(key), 0, copyOf(place));
  else if (kind === 1) put({ holder, key: `${key}_` }, copyOf(place));
  else put(place, replacement(place, places, random));
}

const copyOf = (place: Place): Json => structuredClone(valueAt(place));

function replacement(place: Place, places: Place[], random: Random): Json {
  const value = copyOf(place);
  switch (random.below(6)) {
    case 0:
    case 1:
      return structuredClone(random.pick(STRANGE));
    case 2:
      return copyOf(random.pick(places));
    case 3:
      return typeof value === 'number' ? nearby(value, random) : [value];
    case 4: {
      // A chain as deep as a stack may be.
      let deep: Json = value;
      const depth = random.pick([3, 30, 1000]);
      for (let i = 0; i < depth; i++) deep = random.chance(0.5) ? [deep] : { config: deep };
      return deep;
    }
    default:
      return typeof value === 'string' ? otherText(value, random) : String(value);
  }
}

const nearby = (value: number, random: Random): number =>
  random.pick([value + 1, value - 1, -value, value * 2, value * 1000, value / 2, 10 ** random.below(19)]);

function otherText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  return random.pick([
    text.slice(0, at),
    text + text,
    text.slice(0, at) + String.fromCodePoint(random.below(0x2fff)) + text.slice(at),
    text.toUpperCase(),
  ]);
}
