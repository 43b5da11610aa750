import * as l10n from '@vscode/l10n';
import type { TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import { type Control, checkpoint } from '../run/control';
import type { Trace } from '../run/trace';
import { relativeDifference, type Values } from './arrayDifference';

/** One output of a layer, read from the backend. */
export interface HostValue {
  readonly shape: readonly number[];
  readonly values: Values | readonly string[];
}

/** The values of each node by its path, one for each output; nodes whose values are unknown have none. */
export type HostValues = ReadonlyMap<string, readonly HostValue[]>;

/** Values that a backend which computes them when they are read is asked for at a time. */
const MAX_BATCH_BYTES = 2 ** 28;

/**
 * Copies all values of a run, which takes as much memory as the run's own.
 * @throws Failure `cancelled`
 */
export async function copyValues(trace: Trace, control: Control): Promise<HostValues> {
  const copied = new Map<string, readonly HostValue[]>();
  for (const paths of batchesOf(trace)) {
    await computeTogether(trace, paths);
    for (const path of paths) {
      await checkpoint(control, copied.size / trace.values.size, l10n.t('Reading {0}', path));
      copied.set(path, await Promise.all(trace.at(path).outputs.map(readValue)));
    }
  }
  return copied;
}

function* batchesOf(trace: Trace): Generator<readonly string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const path of trace.graph.nodes.keys()) {
    if (!trace.values.has(path)) continue;
    batch.push(path);
    bytes += trace.bytesAt(path);
    if (trace.runtime.lazy && bytes < MAX_BATCH_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** In one run of the model instead of one per layer. */
async function computeTogether(trace: Trace, paths: readonly string[]): Promise<void> {
  const { lazy } = trace.runtime;
  if (!lazy) return;
  const missing = paths
    .flatMap((path) => trace.at(path).outputs)
    .filter((tensor) => tensor.dtype !== 'string' && !lazy.isComputed(tensor));
  if (missing.length > 0) await lazy.computeAlong(async () => missing, true);
}

async function readValue(tensor: Tensor): Promise<HostValue> {
  const { shape, dtype } = tensor;
  if (dtype === 'string') return { shape, values: await tensor.data<'string'>() };
  // A view into the memory of the backend would change with it.
  return { shape, values: (await tensor.data()).slice() };
}

/** As `LayerComparison.valueChange`; texts are either equal (0) or not (Infinity). `null` for values of other shapes. */
export function valueChange(a: HostValue, b: HostValue): number | null {
  if (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis])) return null;
  const [one, other] = [a.values, b.values];
  if (isTexts(one)) {
    const isEqual = isTexts(other) && one.every((text, i) => text === other[i]);
    return isEqual ? 0 : Number.POSITIVE_INFINITY;
  }
  return isTexts(other) ? Number.POSITIVE_INFINITY : relativeDifference(one, other);
}

const isTexts = (values: HostValue['values']): values is readonly string[] => typeof values[0] === 'string';

/** The value that a layer takes. */
export const valueAt = (values: HostValues, { node, output }: TensorRef): HostValue | undefined =>
  values.get(node)?.[output];
