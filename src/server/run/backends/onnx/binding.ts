import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';

/** Element types that ONNX Runtime and TF.js share, by TF.js's name. */
export type OnnxType = 'float32' | 'int32' | 'bool';
export type OnnxArray = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** A tensor as the binding takes and returns it. It asks for these names, those of the class of `onnxruntime-common`. */
export class OnnxTensor {
  readonly location = 'cpu';

  constructor(
    readonly type: string,
    readonly data: OnnxArray,
    readonly dims: readonly number[],
  ) {}

  get cpuData(): OnnxArray {
    return this.data;
  }
}

/** A compiled graph. All calls answer at once: the public interface of the package wraps them in promises. */
export interface OnnxSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  /** @param fetches the arrays that the outputs are written to */
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetches: Readonly<Record<string, OnnxTensor>>,
    options: object,
  ): unknown;
  dispose(): void;
}

export interface OnnxBinding {
  readonly InferenceSession: new () => OnnxSession;
  initOrtOnce(logLevel: number, tensor: typeof OnnxTensor, isMainThread: boolean): void;
}

/** Of ONNX Runtime's log: errors only, which are thrown as well. */
const LOG_FATAL = 4;

/**
 * ONNX Runtime's native library for this platform: beside the bundle, or inside the package `onnxruntime-node`.
 * @throws Error if it is not there or does not load
 */
export function loadBinding(): OnnxBinding {
  const binding: OnnxBinding = createRequire(__filename)(bindingFile());
  binding.initOrtOnce(LOG_FATAL, OnnxTensor, isMainThread);
  return binding;
}

/** @throws Error where there is none */
export function bindingFile(): string {
  const bundled = join(__dirname, 'onnx', 'onnxruntime_binding.node');
  if (existsSync(bundled)) return bundled;
  const { platform, arch } = process;
  const folder = packageFolder();
  const own = join(folder ?? '', 'bin', 'napi-v6', platform, arch, 'onnxruntime_binding.node');
  if (folder !== null && existsSync(own)) return own;
  throw new Error(l10n.t('there is no library of ONNX Runtime for {0}-{1} here', platform, arch));
}

function packageFolder(): string | null {
  try {
    return dirname(createRequire(__filename).resolve('onnxruntime-node/package.json'));
  } catch {
    return null;
  }
}
