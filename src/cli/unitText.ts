import { floatText } from '../shared/numberText';
import { type OpenedUnit, placeText, type UnitSum, type UnitTerm } from '../shared/results/unit';
import { visible } from '../shared/text';

/** Terms and keys that are printed; --json has more. */
const MAX_TERMS = 20;
const MAX_KEYS = 5;

/** One value taken apart, as text. */
export function unitLines(opened: OpenedUnit): string[] {
  const { className, form, activation, post, factors, gates, attention, notices } = opened;
  const lines = [
    `${placeText(opened)} (${className}): ${floatText(post)}`,
    ...(factors.length > 2
      ? factors.map(({ value, from }) => `  ${floatText(value)}  ${placeText(from)}`)
      : sumLines(opened, form === 'max')),
    ...(activation === null ? [] : [`  after ${activation}: ${floatText(post)}`]),
    ...gates.flatMap((gate) => [
      `Gate ${gate.name}: ${floatText(gate.post)}${gate.activation === null ? '' : ` = ${gate.activation}(${floatText(gate.pre)})`}`,
      ...sumLines(gate, false),
    ]),
    ...attention.flatMap(({ head, keys }) => [
      `Head ${head}:`,
      ...keys
        .slice(0, MAX_KEYS)
        .map(
          ({ key, score, weight }) =>
            `  key ${key}: weight ${floatText(weight)}${score === null ? '' : `, score ${floatText(score)}`}`,
        ),
    ]),
    ...notices.map((notice) => `Note: ${notice}`),
  ];
  return lines.map((line) => visible(line));
}

function sumLines(
  { pre, bias, terms, others, sumOfRest, sum, agrees }: UnitSum,
  isMaximum: boolean,
): string[] {
  const shown = terms.slice(0, MAX_TERMS);
  const rest = terms.slice(MAX_TERMS).reduce((total, { product }) => total + product, sumOfRest);
  const more = others + terms.length - shown.length;
  return [
    ...shown.map((term) => (isMaximum ? maximumLine(term) : termLine(term))),
    ...(more > 0 ? [`  ${more} more ${isMaximum ? 'values' : `terms: ${floatText(rest)}`}`] : []),
    ...(bias === null ? [] : [`  bias: ${floatText(bias)}`]),
    `  sum: ${floatText(sum)}${agrees ? '' : ', which is not what the model computed'} (in the model, in float32: ${floatText(pre)})`,
  ];
}

const sourceText = ({ from, name }: UnitTerm): string =>
  [...(from === null ? [] : [placeText(from)]), ...(name === undefined ? [] : [name])].join(', ');

const termLine = (term: UnitTerm): string =>
  `  ${floatText(term.input)} x ${floatText(term.weight)} = ${floatText(term.product)}  ${sourceText(term)}`;

const maximumLine = (term: UnitTerm): string =>
  `  ${floatText(term.input)}${term.weight === 1 ? ' (the largest)' : ''}  ${sourceText(term)}`;
