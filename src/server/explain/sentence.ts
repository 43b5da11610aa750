import type { MethodInfo, Target } from '../../shared/explanation';

/** "Grad-CAM of class 0 (cat), 1 - p = 0.99, at block5_conv3, 14 x 14". */
export function sentence(
  method: MethodInfo,
  target: Target,
  binary: boolean,
  layer: string,
  shape: readonly number[],
): string {
  const label = target.label === null ? '' : ` (${target.label})`;
  const against = target.negative && !binary ? 'evidence against ' : '';
  const number = target.probability === null ? `score ${digits(target.value)}` : probability(target, binary);
  const size = shape.length === 1 ? `${shape[0]} positions` : shape.join(' x ');
  return `${method.label} of ${against}class ${target.index}${label}, ${number}, at ${layer}, ${size}`;
}

function probability(target: Target, binary: boolean): string {
  const name = binary && target.negative ? '1 - p' : 'p';
  return `${name} = ${nearOne(target.probability ?? Number.NaN)}`;
}

/** 0.9999999 would read 1: what is missing is written instead. */
function nearOne(p: number): string {
  return p > 0.9995 && p < 1 ? `1 - ${(1 - p).toExponential(1)}` : digits(p);
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(size < 1 ? 2 : 4)));
}
