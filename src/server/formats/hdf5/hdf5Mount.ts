import type { ByteSource } from '../../io/byteSource';
import { isBrokenHeap } from './hdf5Heap';
import {
  type EmscriptenFileSystem,
  type EmscriptenFs,
  type FsNode,
  fileSystem,
  type H5Module,
  type NodeOps,
  type StreamOps,
} from './hdf5Library';

/**
 * One `ByteSource` as the only file of a folder in the HDF5 library's virtual file system, read in place. The library has no
 * other access to the disk, so external links, external storage and virtual data sets of a hostile file lead nowhere.
 */
export interface Mounted {
  readonly path: string;
  /**
   * While `work` runs, what the library reads from the file into its memory from `pointer` on is read into `target` instead, at
   * the same place.
   * @returns how many bytes were
   */
  divert(pointer: number, target: Uint8Array, work: () => void): number;
  unmount(): void;
}

interface Diversion {
  readonly pointer: number;
  readonly target: Uint8Array;
  bytes: number;
}

let mounts = 0;

/** Mounts `source` read-only. The caller unmounts it after the library has closed the file. */
export function mount(module: H5Module, source: ByteSource): Mounted {
  const fs = fileSystem(module);
  const folder = `/model${++mounts}`;
  fs.mkdir(folder);
  let diversion: Diversion | null = null;
  fs.mount(
    fileSystemOf(fs, source, () => diversion),
    {},
    folder,
  );
  return {
    path: `${folder}/${FILE}`,
    divert(pointer, target, work) {
      const mine = { pointer, target, bytes: 0 };
      diversion = mine;
      try {
        work();
      } finally {
        diversion = null;
      }
      return mine.bytes;
    },
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

function fileSystemOf(
  fs: EmscriptenFs,
  source: ByteSource,
  diversion: () => Diversion | null,
): EmscriptenFileSystem {
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
        const diverted = divertedTo(diversion(), offset, length);
        if (diverted) return diverted(source, position);
        const target = heap.subarray(offset, offset + length);
        const count = source.read(target, position);
        if (isBrokenHeap(source, position, new Uint8Array(target.buffer, target.byteOffset, count))) {
          throw new Error('broken heap');
        }
        return count;
      } catch {
        // Any other exception would unwind through the library and corrupt its state.
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

/** Reads what is diverted; `null` for a read into other memory of the library. */
function divertedTo(
  diversion: Diversion | null,
  offset: number,
  length: number,
): ((source: ByteSource, position: number) => number) | null {
  if (diversion === null) return null;
  const start = offset - diversion.pointer;
  if (start < 0 || start + length > diversion.target.byteLength) return null;
  return (source, position) => {
    const count = source.read(diversion.target.subarray(start, start + length), position);
    diversion.bytes += count;
    return count;
  };
}
