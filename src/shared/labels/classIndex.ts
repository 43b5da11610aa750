import { fail } from '../errors';

/**
 * The class that a text names: its index, or one of the model's class names.
 * @throws Failure `no-such-target`.
 */
export function classIndex(text: string, labels: readonly string[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  const found = labels.indexOf(text);
  if (found >= 0) return found;
  return fail('no-such-target', `There is no class "${text}".`, {
    remedy:
      labels.length === 0
        ? 'Give a class index: the model’s settings file names no classes.'
        : `Give a class index or one of: ${labels.slice(0, 20).join(', ')}.`,
  });
}
