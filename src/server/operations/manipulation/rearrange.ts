import * as l10n from '@vscode/l10n';
import { allNames } from '../../../shared/texts/nameList';
import { steps } from '../arithmetic/formulaSteps';
import { formula } from '../compound';
import { type Operation, operandAt, refuse } from '../operation';
import { reshape, transpose } from './reshaping';

/** Axes by name; those in parentheses are one axis. */
function axesOf(side: string): string[][] {
  const groups = side.match(/\w+|\([\w\s]*\)/g) ?? [];
  return groups.map((group) => group.match(/\w+/g) ?? []);
}

/** No tensor has more axes. */
const MAX_PATTERN = 400;

/** `keras.ops.rearrange`: `b (h p) w -> (b p) h w`. @param lengths of axes that do not follow from the operand. */
export function rearrange(pattern: string, lengths: ReadonlyMap<string, number>): Operation {
  const [before, after, ...more] = pattern.slice(0, MAX_PATTERN).split('->');
  if (before === undefined || after === undefined || more.length > 0) {
    return refuse(l10n.t('"{0}" is not a pattern.', pattern.slice(0, 40)));
  }
  const [inputs, outputs] = [axesOf(before), axesOf(after)];
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    if (inputs.length !== x.shape.length)
      refuse(l10n.t('"{0}" does not fit {1} axes.', before.trim(), x.shape.length));
    const sizes = new Map<string, number | null>();
    for (const [i, group] of inputs.entries()) {
      const whole = x.shape[i] ?? null;
      const open = group.filter((name) => !lengths.has(name));
      if (open.length > 1) refuse(l10n.t('the sizes of {0} are not known.', allNames(open)));
      const known = group.reduce((all, name) => all * (lengths.get(name) ?? 1), 1);
      if (whole !== null && (whole % known !== 0 || (open.length === 0 && whole !== known))) {
        refuse(l10n.t('an axis of {0} cannot be split into ({1}).', whole, group.join(' ')));
      }
      for (const name of group) sizes.set(name, lengths.get(name) ?? (whole === null ? null : whole / known));
    }
    const from = inputs.flat();
    const to = outputs.flat();
    if (
      from.length !== to.length ||
      to.some((name) => !from.includes(name)) ||
      new Set(to).size !== to.length
    ) {
      refuse(l10n.t('both sides of "{0}" do not name the same axes.', pattern.slice(0, 40)));
    }
    const size = (name: string): number | null => sizes.get(name) ?? null;
    const apart = of(reshape(from.map(size)), x);
    const moved = of(transpose(to.map((name) => from.indexOf(name))), apart);
    const joined = outputs.map((group) =>
      group.reduce<number | null>((all, name) => {
        const own = size(name);
        return all === null || own === null ? null : all * own;
      }, 1),
    );
    return of(reshape(joined), moved);
  });
}
