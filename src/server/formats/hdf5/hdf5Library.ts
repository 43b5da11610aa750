import type { ready } from 'h5wasm';
import { MAX_HDF5_MEMORY_BYTES } from '../../io/limits';
import { withBoundedMemory } from './boundedMemory';

/** The HDF5 library, loaded. */
export type H5Module = Awaited<typeof ready>;

/** Damaged files leave memory behind that the library does not free. An instance that has less than this gets no more files. */
const MIN_FREE_BYTES = 64 * 2 ** 20;

let loading: Promise<H5Module> | null = null;
const aborted = new WeakSet<H5Module>();

/** Loads the HDF5 library on first use, in about 0.15 s, and again where the last instance has used up its memory. */
export async function hdf5Library(): Promise<H5Module> {
  loading ??= load();
  const current = loading;
  const module = await current;
  if (!isUsedUp(module)) return module;
  // Files that are open keep the instance that they were opened with.
  if (loading === current) loading = load();
  return loading;
}

function isUsedUp(module: H5Module): boolean {
  if (aborted.has(module)) return true;
  if (module.HEAPU8.length + MIN_FREE_BYTES <= MAX_HDF5_MEMORY_BYTES) return false;
  const pointer = module._malloc(MIN_FREE_BYTES);
  if (pointer !== 0) module._free(pointer);
  return pointer === 0;
}

/** Whether the library gave up, which it does when a C++ function gets no memory. */
export const hasAborted = (module: H5Module): boolean => aborted.has(module);

/** The virtual file system of the library. */
export function fileSystem(module: H5Module): EmscriptenFs {
  // Its published types leave out what a custom file system needs.
  return module.FS as unknown as EmscriptenFs;
}

async function load(): Promise<H5Module> {
  // The build for browsers, because it has no access to the disk; it runs in Node too and contains its wasm.
  const module = await withBoundedMemory(MAX_HDF5_MEMORY_BYTES, async () => {
    const { createModule } = await import('./h5wasm');
    const made: H5Module = await createModule({ noInitialRun: true, onAbort: () => aborted.add(made) });
    return made;
  });
  silence(fileSystem(module));
  return module;
}

/** The library prints every failed call to standard error, where no user would look; failures are reported as errors. */
function silence(fs: EmscriptenFs): void {
  const standardError = fs.getStream(2);
  if (standardError === null) return;
  fs.close(standardError);
  // Takes the lowest free descriptor, the one just closed.
  fs.open('/dev/null', 'w');
}

/** The part of Emscripten's file system interface that is needed to add one (its WORKERFS does the same). */
export interface EmscriptenFs {
  readonly ErrnoError: new (errno: number) => Error;
  getStream(fd: number): object | null;
  open(path: string, flags: string): object;
  close(stream: object): void;
  mkdir(path: string): void;
  rmdir(path: string): void;
  mount(type: EmscriptenFileSystem, options: object, folder: string): void;
  unmount(folder: string): void;
  createNode(parent: FsNode | null, name: string, mode: number, device: number): FsNode;
}

export interface EmscriptenFileSystem {
  mount(): FsNode;
}

export interface FsNode {
  readonly id: number;
  readonly mode: number;
  node_ops: NodeOps;
  stream_ops: StreamOps;
}

export interface NodeOps {
  getattr(node: FsNode): Readonly<Record<string, number | Date>>;
  lookup(parent: FsNode, name: string): never;
}

export interface StreamOps {
  read(stream: unknown, heap: Int8Array, offset: number, length: number, position: number): number;
  llseek(stream: { position: number }, offset: number, whence: number): number;
}
