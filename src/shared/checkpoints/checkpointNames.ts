/** The files of one training, in order. */
export interface Series {
  readonly names: readonly string[];
  /** Of each name, the number that they are ordered by; `null` where they have none, so that the times of the files decide. */
  readonly numbers: readonly number[] | null;
  /** Checkpoints in the same folder that are not part of it. */
  readonly others: readonly string[];
}

/** In the order in which one is preferred: whole models, then weights. */
const ENDINGS: readonly RegExp[] = [
  /\.keras$/i,
  /\.weights\.(h5|hdf5)$/i,
  /\.weights\.json$/i,
  /\.(h5|hdf5)$/i,
  // TensorFlow names a checkpoint `ckpt-3`, `cp-0003.ckpt`; the file that lists its arrays ends in `.index`.
  /(ckpt|checkpoint|\d)[^/\\]*\.index$/i,
];
/** A part of a `.weights.json`. */
const SHARD = /_\d{5}\.weights\.h5$/i;

/** Whether a file of this name may be a model or the weights of one after an epoch. */
export const isCheckpointName = (name: string): boolean =>
  !SHARD.test(name) && ENDINGS.some((ending) => ending.test(name));

/** Numbers of a name; one with a decimal point is a measure, such as the loss. */
const NUMBER = /\d+(?:\.\d+)?/g;
const BEFORE_NUMBER = /(epochs?|ep|e|steps?|iter|iterations?|ckpt|checkpoint|cp)[-_.= ]*$/i;

interface Parsed {
  readonly name: string;
  /** The name with its numbers left out: equal for the epochs of one training. */
  readonly pattern: string;
  readonly numbers: readonly { readonly text: string; readonly isNamed: boolean }[];
  readonly ending: number;
}

function parse(name: string): Parsed {
  const ending = ENDINGS.findIndex((one) => one.test(name));
  const tail = /(\.weights)?\.\w+$/i.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - tail.length);
  const numbers = [...stem.matchAll(NUMBER)].map(({ 0: text, index }) => ({
    text,
    isNamed: BEFORE_NUMBER.test(stem.slice(0, index)),
  }));
  return { name, pattern: `${stem.replace(NUMBER, '#')}${tail.toLowerCase()}`, numbers, ending };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.name < b.name ? -1 : 1);

/**
 * The epochs among the names of the files in a folder: those whose names differ in their numbers only. Of several such groups, the one
 * that `member` is in, else the largest one, of equally large ones that of whole models. Without such a group all files of the ending of
 * `member`, or of the most frequent ending, in no order of their own. They are ordered by the number after a word such as "epoch", else
 * by the first whole number that is different in each name.
 */
export function seriesOf(names: readonly string[], member?: string): Series {
  const parsed = names.filter(isCheckpointName).map(parse).sort(byName);
  const chosen = parsed.find(({ name }) => name === member);
  const groups = grouped(
    parsed.filter(({ numbers }) => numbers.length > 0),
    ({ pattern }) => pattern,
  ).filter((group) => group.length > 1);
  const numbered =
    chosen === undefined
      ? largest(groups)
      : groups.find((group) => group.some(({ name }) => name === chosen.name));
  const series =
    numbered ??
    (chosen === undefined
      ? largest(grouped(parsed, ({ ending }) => ending))
      : parsed.filter(({ ending }) => ending === chosen.ending)) ??
    [];
  const numbers = numbered === undefined ? null : numbersOf(numbered);
  const order = series.map((one, i) => ({ name: one.name, number: numbers?.[i] ?? 0 }));
  order.sort((a, b) => a.number - b.number || byName(a, b));
  const own = new Set(series.map(({ name }) => name));
  return {
    names: order.map(({ name }) => name),
    numbers: numbers === null ? null : order.map(({ number }) => number),
    others: parsed.flatMap(({ name }) => (own.has(name) ? [] : [name])),
  };
}

function grouped<Key>(all: readonly Parsed[], keyOf: (one: Parsed) => Key): Parsed[][] {
  const groups = new Map<Key, Parsed[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function largest(groups: readonly Parsed[][]): Parsed[] | undefined {
  const rank = ([first]: Parsed[]): number => first?.ending ?? ENDINGS.length;
  return [...groups].sort((a, b) => b.length - a.length || rank(a) - rank(b))[0];
}

/** The number of each name at the place that tells them apart; `null` where no place does. */
function numbersOf(group: readonly Parsed[]): number[] | null {
  const places = (group[0]?.numbers ?? []).map((_, place) => {
    const found = group.map(({ numbers }) => numbers[place]);
    return {
      isNamed: found.every((one) => one?.isNamed === true),
      isWhole: found.every((one) => one !== undefined && !one.text.includes('.')),
      values: found.map((one) => Number(one?.text)),
    };
  });
  const fitting = places.filter(({ isWhole, values }) => isWhole && new Set(values).size === values.length);
  return (fitting.find(({ isNamed }) => isNamed) ?? fitting[0])?.values ?? null;
}
