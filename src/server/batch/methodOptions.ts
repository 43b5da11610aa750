import { fail } from '../../shared/errors';
import { METHODS, type MethodId, type OptionValues, optionsOf } from '../../shared/methods';

/** All options of each method of a batch. */
export type BatchMethodOptions = Readonly<Partial<Record<MethodId, OptionValues>>>;

/**
 * The options of the methods: each method takes those that it has.
 * @throws Failure `bad-input` for an option that no method has, and for a value that is none
 */
export function methodOptions(methods: readonly MethodId[], given: OptionValues): BatchMethodOptions {
  const hasOption = (method: MethodId, name: string): boolean =>
    METHODS[method].options.some((option) => option.name === name);
  for (const name of Object.keys(given)) {
    if (methods.some((method) => hasOption(method, name))) continue;
    const known = [...new Set(methods.flatMap((method) => METHODS[method].options.map((one) => one.name)))];
    fail('bad-input', `No method of this batch has an option "${name}".`, {
      subject: name,
      remedy: known.length === 0 ? 'They have none.' : `They have: ${known.join(', ')}.`,
    });
  }
  return Object.fromEntries(
    methods.map((method) => {
      const own = Object.entries(given).filter(([name]) => hasOption(method, name));
      return [method, optionsOf(method, Object.fromEntries(own))];
    }),
  );
}
