import { MAX_TERMS, SUM_TOLERANCE, type UnitSum, type UnitTerm } from '../../../shared/results/unit';
import { topIndices } from '../../explain/ranking';

/** The terms of one sum: of a large layer there are millions, of which only the listed ones are described. */
export interface Terms {
  readonly inputs: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  describe(term: number): Pick<UnitTerm, 'from' | 'name'>;
}

export const NO_TERMS: Terms = { inputs: [], weights: [], describe: () => ({ from: null }) };

/** A term that is described already. */
export type GivenTerm = Omit<UnitTerm, 'product'>;

export const termsOf = (list: readonly GivenTerm[]): Terms => ({
  inputs: list.map(({ input }) => input),
  weights: list.map(({ weight }) => weight),
  describe(term) {
    const { from = null, name } = list[term] ?? {};
    return { from, ...(name === undefined ? {} : { name }) };
  },
});

export function termAt({ inputs, weights, describe }: Terms, term: number): UnitTerm {
  const input = inputs[term] ?? Number.NaN;
  const weight = weights[term] ?? Number.NaN;
  return { input, weight, product: input * weight, ...describe(term) };
}

/** Adds up terms and bias in double precision, lists the largest terms, and compares the sum with what the model computed. */
export function sumUp(pre: number, bias: number | null, terms: Terms): UnitSum {
  const count = terms.inputs.length;
  const sizes = new Float64Array(count);
  let total = 0;
  let scale = Math.abs(pre) + Math.abs(bias ?? 0);
  for (let i = 0; i < count; i++) {
    const product = (terms.inputs[i] ?? Number.NaN) * (terms.weights[i] ?? Number.NaN);
    total += product;
    scale += Math.abs(product);
    // NaN ranks first, because it determines the sum.
    sizes[i] = Number.isNaN(product) ? Number.POSITIVE_INFINITY : Math.abs(product);
  }
  const places = topIndices(sizes, Math.min(count, MAX_TERMS));
  const listed = places.map((term) => termAt(terms, term));
  const others = count - listed.length;
  const sumOfRest = others === 0 ? 0 : restOf(terms, new Set(places));
  const sum = total + (bias ?? 0);
  return { pre, bias, terms: listed, others, sumOfRest, sum, agrees: agrees(sum, pre, scale) };
}

function restOf({ inputs, weights }: Terms, listed: ReadonlySet<number>): number {
  let rest = 0;
  for (let i = 0; i < inputs.length; i++) {
    if (!listed.has(i)) rest += (inputs[i] ?? Number.NaN) * (weights[i] ?? Number.NaN);
  }
  return rest;
}

/** Whether two values agree to the rounding of float32. @param scale the sum of the sizes of what was added */
export function agrees(sum: number, value: number, scale: number): boolean {
  if (Object.is(Math.fround(sum), value)) return true;
  if (!Number.isFinite(value)) return Number.isNaN(value) && Number.isNaN(sum);
  return Math.abs(sum - value) <= SUM_TOLERANCE * scale;
}
