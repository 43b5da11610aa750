import { spatialLayout } from '../explain/layerChoice';
import type { Graph, GraphNode } from '../graph/graph';
import { isJoint } from '../layers/activations/joint';
import type { Activation, Tensor } from '../layers/kind';
import type { Trace } from '../run/trace';

/** Below this slope an activation passes almost no gradient. */
const SATURATED_SLOPE = 0.01;

/** The axis of the channels of a value, for a vector that of its units. */
export function channelAxis(graph: Graph, node: GraphNode, rank: number): number {
  const { channel } = spatialLayout(graph, node, rank);
  return channel < 0 ? rank - 1 : channel;
}

/** Whether the zeros of a layer's channels are counted: after a rectifier, in maps, sequences and vectors. */
export const canHaveDeadChannels = (activation: Activation | null, rank: number): boolean =>
  activation?.rectifies === true && rank >= 2;

/** Channels whose values are all 0. */
export function countDeadChannels(values: ArrayLike<number>, shape: readonly number[], axis: number): number {
  const channels = shape[axis] ?? 1;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const isAlive = new Uint8Array(channels);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) isAlive[Math.floor(i / inner) % channels] = 1;
  }
  return channels - isAlive.reduce((sum, alive) => sum + alive, 0);
}

/**
 * The slope of an activation at each value; `null` where it says nothing about saturation: of a rectifier, and where outputs depend on
 * several values. The caller disposes it.
 */
export function slopesOf(
  { runtime: { tf } }: Trace,
  activation: Activation | null,
  pre: Tensor | null,
  post: Tensor,
): Tensor | null {
  if (activation === null || pre === null || activation.rectifies || isJoint(activation)) return null;
  return tf.tidy(() => activation.backward(tf, pre, post, tf.onesLike(post)));
}

/** The share 0..1 of slopes that pass almost no gradient. */
export function saturatedShare(slopes: ArrayLike<number>): number {
  let saturated = 0;
  for (let i = 0; i < slopes.length; i++) {
    if (Math.abs(slopes[i] ?? Number.NaN) < SATURATED_SLOPE) saturated++;
  }
  return slopes.length === 0 ? 0 : saturated / slopes.length;
}
