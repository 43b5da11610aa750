import type { ready } from 'h5wasm';
import type { ByteSource } from './bytes';

/** The HDF5 library, loaded. */
export type H5Module = Awaited<typeof ready>;

/**
 * Shows one `ByteSource` to the HDF5 library as the one file of a folder in its own virtual file system, read in place.
 * The library has no other way to the disk, so that external links, external storage and virtual data sets of a
 * hostile file lead nowhere.
 */
export interface Mounted {
  readonly path: string;
  unmount(): void;
}

let mounts = 0;

/** Mounts `source` read-only. The caller unmounts it after the library has closed the file. */
export function mount(module: H5Module, source: ByteSource): Mounted {
  const fs = module.FS as unknown as EmscriptenFs;
  const folder = `/model${++mounts}`;
  fs.mkdir(folder);
  fs.mount(fileSystemOf(fs, source), {}, folder);
  return {
    path: `${folder}/${FILE}`,
    unmount() {
      fs.unmount(folder);
      fs.rmdir(folder);
    },
  };
}

const FILE = 'file';
const FOLDER_MODE = 0o040555;
const FILE_MODE = 0o100444;
const ENOENT = 44;
const EIO = 29;

function fileSystemOf(fs: EmscriptenFs, source: ByteSource): EmscriptenFileSystem {
  const epoch = new Date(0);
  const nodeOps: NodeOps = {
    getattr: (node) => ({
      dev: 1,
      ino: node.id,
      mode: node.mode,
      nlink: 1,
      uid: 0,
      gid: 0,
      rdev: 0,
      size: node.mode === FILE_MODE ? source.size : 0,
      atime: epoch,
      mtime: epoch,
      ctime: epoch,
      blksize: 4096,
      blocks: Math.ceil(source.size / 4096),
    }),
    lookup: () => {
      throw new fs.ErrnoError(ENOENT);
    },
  };
  const streamOps: StreamOps = {
    read(_stream, heap, offset, length, position) {
      try {
        return source.read(heap.subarray(offset, offset + length), position);
      } catch {
        // Any other exception would tear through the library and leave its state broken.
        throw new fs.ErrnoError(EIO);
      }
    },
    llseek: (stream, offset, whence) =>
      offset + (whence === 1 ? stream.position : whence === 2 ? source.size : 0),
  };
  const node = (parent: FsNode | null, name: string, mode: number): FsNode =>
    Object.assign(fs.createNode(parent, name, mode, 0), { node_ops: nodeOps, stream_ops: streamOps });
  return {
    mount() {
      const root = node(null, '/', FOLDER_MODE);
      node(root, FILE, FILE_MODE);
      return root;
    },
  };
}

/** The part of Emscripten's file system interface that is needed to add one (its WORKERFS does the same). */
interface EmscriptenFs {
  readonly ErrnoError: new (errno: number) => Error;
  mkdir(path: string): void;
  rmdir(path: string): void;
  mount(type: EmscriptenFileSystem, options: object, folder: string): void;
  unmount(folder: string): void;
  createNode(parent: FsNode | null, name: string, mode: number, device: number): FsNode;
}

interface EmscriptenFileSystem {
  mount(): FsNode;
}

interface FsNode {
  readonly id: number;
  readonly mode: number;
  node_ops: NodeOps;
  stream_ops: StreamOps;
}

interface NodeOps {
  getattr(node: FsNode): Readonly<Record<string, number | Date>>;
  lookup(parent: FsNode, name: string): never;
}

interface StreamOps {
  read(stream: unknown, heap: Int8Array, offset: number, length: number, position: number): number;
  llseek(stream: { position: number }, offset: number, whence: number): number;
}
