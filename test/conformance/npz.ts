import { readFileSync } from 'node:fs';
import { fromBufferPromise } from 'yauzl';

/** An array of an .npz file: row-major values and their shape. */
export type NpArray = NpNumbers | NpStrings;

export interface NpNumbers {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
}

export interface NpStrings {
  readonly shape: readonly number[];
  readonly dtype: 'string';
  readonly values: readonly string[];
}

/** The arrays of an .npz file without strings. */
export async function readNumbers(path: string): Promise<ReadonlyMap<string, NpNumbers>> {
  const numbers = new Map<string, NpNumbers>();
  for (const [name, array] of await readNpz(path)) {
    if (array.dtype === 'string') throw new Error(`${path}: "${name}" contains strings`);
    numbers.set(name, array);
  }
  return numbers;
}

/** The arrays of an .npz file written by NumPy's `savez`; float32, int32 and strings (`<U`) only. */
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
  const [, descr, width] = /'descr': '<([fiU])(\d+)'/.exec(header) ?? [];
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (
    descr === undefined ||
    (descr !== 'U' && width !== '4') ||
    shape === undefined ||
    !header.includes("'fortran_order': False")
  ) {
    throw new Error(`unexpected .npy header ${header}`);
  }
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const data = new Uint8Array(bytes.subarray(start)).buffer;
  if (descr === 'U') return { shape: sizes, dtype: 'string', values: strings(data, Number(width)) };
  return descr === 'f'
    ? { shape: sizes, dtype: 'float32', values: new Float32Array(data) }
    : { shape: sizes, dtype: 'int32', values: new Int32Array(data) };
}

/** NumPy's fixed-width UTF-32 strings, padded with zeros. */
function strings(data: ArrayBuffer, width: number): string[] {
  const points = [...new Uint32Array(data)];
  return Array.from({ length: points.length / width }, (_, i) =>
    String.fromCodePoint(...points.slice(i * width, (i + 1) * width)).replace(/\0+$/, ''),
  );
}
