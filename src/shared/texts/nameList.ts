import * as l10n from '@vscode/l10n';

/** All names: `a`, `a and b`, `a, b and c`. */
export function allNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : l10n.t('{0} and {1}', names.slice(0, -1).join(', '), last);
}

/** The first names, `shown` at most, and how many of `count` are left: `a, b`, or `a, b and 3 more`. */
export function firstNames(names: readonly string[], shown: number, count: number = names.length): string {
  const first = names.slice(0, shown);
  const rest = count - first.length;
  return rest <= 0 ? first.join(', ') : l10n.t('{0} and {1} more', first.join(', '), rest);
}
