import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { CallArguments } from '../../../src/server/graph/callArguments';
import { LayerConfig } from '../../../src/server/graph/layerConfig';
import { findKind } from '../../../src/server/kinds/registry';
import type { LayerContext, LayerKind, Tensor } from '../../../src/server/layers/kind';
import { patchWasmKernels } from '../../../src/server/run/backends/wasmKernels';

/** The backends that need no setup. */
export const BACKENDS = ['cpu', 'wasm'] as const;

export async function useBackend(name: (typeof BACKENDS)[number]): Promise<void> {
  if (name === 'wasm') {
    const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(wasm)}/`);
    setThreadsCount(1);
  }
  await tf.setBackend(name);
  if (name === 'wasm') patchWasmKernels(tf);
}

/** The kind of a class that must be known. */
export function kindOf(className: string): LayerKind {
  const kind = findKind(className);
  if (kind === undefined) throw new Error(`no layer ${className}`);
  return kind;
}

const NO_CALL: CallArguments = { args: [], kwargs: {} };

export const configOf = (values: Record<string, unknown>, kerasMajor = 3): LayerConfig =>
  new LayerConfig(values, 'layer', kerasMajor);

/** The context that run/ passes to a layer, on the current backend. */
export function contextOf(
  values: Record<string, unknown>,
  weights: readonly Tensor[] = [],
  masks: readonly (Tensor | undefined)[] = [],
): LayerContext {
  const backend = tf.getBackend() === 'wasm' ? 'wasm' : 'cpu';
  return { tf, backend, config: configOf(values), call: NO_CALL, weights, masks };
}

/** Normally distributed values, the same in every run for the same seed. */
export const randomTensor = (shape: readonly number[], seed: number): Tensor =>
  tf.randomNormal([...shape], 0, 1, 'float32', seed);

export const valuesOf = (tensor: Tensor): number[] => [...tensor.dataSync()];
