import { readFileSync } from 'node:fs';
import { fromBufferPromise } from 'yauzl';

/** An array of an .npz file: row-major values and their shape. */
export interface NpArray {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
}

/** The arrays of an .npz file that numpy's `savez` wrote, float32 and int32 only. */
export async function readNpz(path: string): Promise<ReadonlyMap<string, NpArray>> {
  const zip = await fromBufferPromise(readFileSync(path), { lazyEntries: true });
  const arrays = new Map<string, NpArray>();
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk);
    arrays.set(entry.fileName.replace(/\.npy$/, ''), parseNpy(Buffer.concat(chunks)));
  }
  return arrays;
}

function parseNpy(bytes: Buffer): NpArray {
  const long = bytes[6] !== 1;
  const headerSize = long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const start = (long ? 12 : 10) + headerSize;
  const header = bytes.toString('latin1', long ? 12 : 10, start);
  const descr = /'descr': '<([fi])4'/.exec(header)?.[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || shape === undefined || !header.includes("'fortran_order': False")) {
    throw new Error(`unexpected .npy header ${header}`);
  }
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const data = new Uint8Array(bytes.subarray(start)).buffer;
  return descr === 'f'
    ? { shape: sizes, dtype: 'float32', values: new Float32Array(data) }
    : { shape: sizes, dtype: 'int32', values: new Int32Array(data) };
}
