import { Worker } from 'node:worker_threads';
import type { ServerOptions } from '../../../shared/protocol';

/** Argument of the server's file in the thread for weights. */
export const WEIGHTS = '--weights';

/** The `workerData` of that thread. */
export type WeightsThreadOptions = Pick<ServerOptions, 'customLayers'>;

/** @param script the server's file, which knows the argument */
export const startWeightsThread = (script: string, { customLayers }: WeightsThreadOptions): Worker =>
  // The standard output is the server's connection with its client.
  new Worker(script, { argv: [WEIGHTS], workerData: { customLayers }, stdout: true });
