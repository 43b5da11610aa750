import { createHash } from 'node:crypto';
import type { MaybeShape } from '../../shared/model';
import { isNumeric } from '../inspect/weights/weightStatistics';
import type { StoredWeight } from '../run/weights/storedWeights';
import type { ComparedLayer } from './comparedLayers';
import { configText } from './configDifferences';

/** Digits of the digests and norms. */
const DIGEST = 12;
const DIGITS = 7;

/**
 * A layer as one line of text that is equal for equal layers: path, class, output shapes, parameters, arguments, and of each array its
 * shape, norm and a digest of its values. One array is in memory at a time.
 */
export async function layerLine(layer: ComparedLayer): Promise<string> {
  const { path, className, shapes, params, node, weights } = layer;
  const arrays: string[] = [];
  for (const weight of weights) arrays.push(await weightText(weight));
  const inputs = node?.inputs.map((ref) => (ref.output === 0 ? ref.node : `${ref.node}:${ref.output}`)) ?? [];
  return [
    path,
    className,
    ...(shapes.length === 0 ? [] : [`output ${shapes.map(shapeText).join(' ')}`]),
    `parameters ${params}`,
    ...(inputs.length === 0 ? [] : [`inputs ${inputs.join(' ')}`]),
    ...(node === null ? [] : [configText(node.config.values)]),
    ...arrays,
  ].join('  ');
}

const shapeText = (shape: MaybeShape): string =>
  shape === null ? '?' : `(${shape.map((size) => size ?? 'None').join(', ')})`;

async function weightText(weight: StoredWeight): Promise<string> {
  const { name, shape, dtype } = weight;
  const what = `${name} ${shapeText(shape)}`;
  if (!isNumeric(weight)) return `${what} ${dtype}`;
  const values = await weight.read();
  let squares = 0;
  for (const value of values) squares += value * value;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, DIGEST);
  return `${what} norm ${Number(Math.sqrt(squares).toPrecision(DIGITS))} sha256 ${digest}`;
}
