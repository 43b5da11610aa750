import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A node of a TensorFlow graph in JSON. */
export interface GraphOp {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Record<string, unknown>;
}

export interface GraphConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: readonly number[];
}

export const placeholder = (name: string, dtype: string, ...sizes: number[]): GraphOp => ({
  name,
  op: 'Placeholder',
  attr: {
    dtype: { type: dtype },
    shape: { shape: { dim: sizes.map((size) => ({ size: String(size) })) } },
  },
});

/** Writes a TensorFlow.js graph model into a folder of its own in `folder`. @returns the path of its `model.json`. */
export function writeGraphModel(
  folder: string,
  nodes: readonly GraphOp[],
  constants: readonly GraphConstant[],
): string {
  const place = mkdtempSync(join(folder, 'model-'));
  const bytes = constants.map(({ dtype, values }) =>
    Buffer.from((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  );
  writeFileSync(join(place, 'shard.bin'), Buffer.concat(bytes));
  const node = [...constants.map(({ name }) => ({ name, op: 'Const', attr: {} })), ...nodes];
  const weights = constants.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  const path = join(place, 'model.json');
  writeFileSync(
    path,
    JSON.stringify({
      format: 'graph-model',
      modelTopology: { node },
      weightsManifest: [{ paths: ['shard.bin'], weights }],
    }),
  );
  return path;
}
