import * as l10n from '@vscode/l10n';
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
      ? l10n.t('{0} is not used as the true classes: {1} is none of {2}.', from, quoted, known)
      : l10n.t(
          '{0}: {1} of {2} are none of {3}, such as {4}; these inputs count as not labelled.',
          from,
          strange.length,
          given.length,
          known,
          quoted,
        );
  return { indices, notice };
}

function classesText({ names, count }: Classes): string {
  if (names.length > 0 && names.length <= 3) {
    return l10n.t("the model's classes ({0})", names.map((name) => `"${name}"`).join(', '));
  }
  return count === null
    ? l10n.t('the classes of the model')
    : l10n.t("the model's {0} classes (0 to {1})", count, count - 1);
}
