import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { CallArguments } from '../../../src/server/graph/callArguments';
import { LayerConfig } from '../../../src/server/graph/layerConfig';
import type { LayerContext, Tensor } from '../../../src/server/layers/kind';
import { patchWasmKernels } from '../../../src/server/run/backends/wasmKernels';

/** The backends that need no set-up. */
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

const NO_CALL: CallArguments = { args: [], kwargs: {} };

export const configOf = (values: Record<string, unknown>, kerasMajor = 3): LayerConfig =>
  new LayerConfig(values, 'layer', kerasMajor);

/** What run/ hands to a layer, on the backend in use. */
export function contextOf(
  values: Record<string, unknown>,
  weights: readonly Tensor[] = [],
  masks: readonly (Tensor | undefined)[] = [],
): LayerContext {
  const backend = tf.getBackend() === 'wasm' ? 'wasm' : 'cpu';
  return { tf, backend, config: configOf(values), call: NO_CALL, weights, masks };
}

/** Normal values, the same in every run. */
export const randomTensor = (shape: readonly number[], seed: number): Tensor =>
  tf.randomNormal([...shape], 0, 1, 'float32', seed);

export const valuesOf = (tensor: Tensor): number[] => [...tensor.dataSync()];
