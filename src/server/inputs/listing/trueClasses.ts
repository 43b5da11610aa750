/** What a file or a folder says about the classes of its inputs, before it is compared with the classes of the model. */
export interface RawLabels {
  /** Where they are, as the beginning of a sentence: 'The array "y" of test.npz'. */
  readonly from: string;
  /** One per input: numbers of classes, or their names; `null` where one has none. */
  readonly values: readonly (number | string | null)[];
}

/** The classes of an output of a model. */
export interface Classes {
  /** By index; empty where they are not known. */
  readonly names: readonly string[];
  /** `null` where it is not known. */
  readonly count: number | null;
}

export interface TrueClasses {
  /** One per label; `null` where it is no class of the model. */
  readonly indices: readonly (number | null)[];
  /** A sentence about labels that are not used. */
  readonly notice: string | null;
}

const NUMBER = /^[+-]?\d+(\.0*)?$/;

/** The index of the class that a label means; `null` where the model has none. */
export function classOf(label: number | string, { names, count }: Classes): number | null {
  if (typeof label === 'string') {
    const text = label.trim();
    const exact = names.indexOf(text);
    const found = exact >= 0 ? exact : names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
    if (found >= 0) return found;
    return NUMBER.test(text) ? classOf(Number(text), { names, count }) : null;
  }
  const isClass = Number.isInteger(label) && label >= 0 && (count === null || label < count);
  return isClass ? label : null;
}

/** Labels as classes of the model. */
export function trueClasses({ from, values }: RawLabels, classes: Classes): TrueClasses {
  const indices = values.map((label) => (label === null ? null : classOf(label, classes)));
  const given = values.filter((label) => label !== null);
  const strange = values.filter((label, i) => label !== null && indices[i] === null);
  const [example] = strange;
  if (example === undefined) return { indices, notice: null };
  const quoted = typeof example === 'string' ? `"${example.slice(0, 60)}"` : String(example);
  const known = classesText(classes);
  const notice =
    strange.length === given.length
      ? `${from} is not used as the true classes: ${quoted} is none of ${known}.`
      : `${from}: ${strange.length} of ${given.length} are none of ${known}, such as ${quoted}; these inputs count as not labelled.`;
  return { indices, notice };
}

function classesText({ names, count }: Classes): string {
  if (names.length > 0 && names.length <= 3) {
    return `the model's classes (${names.map((name) => `"${name}"`).join(', ')})`;
  }
  return count === null ? 'the classes of the model' : `the model's ${count} classes (0 to ${count - 1})`;
}
