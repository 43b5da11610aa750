import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Metadata } from 'h5wasm';
import { fail } from '../../../shared/errors';
import type { ByteSource } from '../../io/byteSource';
import { MAX_JSON_BYTES } from '../../io/limits';
import { castInto, ELEMENT_BYTES, type ElementType } from '../floats';
import { type H5Module, hasAborted, hdf5Library } from './hdf5Library';
import { type Mounted, mount } from './hdf5Mount';
import { declaredHdf5Size } from './hdf5Superblock';
import { slabs } from './slabs';
import { elementType, stringsAt } from './storedElements';

/** One data set: the row-major shape and the type of its stored elements (`unknown` for strings and the like). */
export interface Dataset {
  readonly shape: readonly number[];
  readonly type: ElementType | 'unknown';
}

/** An HDF5 file open for reading. Paths are absolute (`/model_weights/conv1`). */
export interface Hdf5File {
  kind(path: string): 'group' | 'dataset' | null;
  /** Absolute paths of all data sets below `group`; links that lead nowhere or out of the file are not followed. */
  datasets(group: string): string[];
  /** The same of all groups below `group`. */
  groups(group: string): string[];
  /** The strings of an attribute; `null` when it does not exist. @throws Failure `bad-weights` when it is not a string. */
  strings(path: string, attribute: string): string[] | null;
  /** @throws Failure `bad-weights` when there is no such data set or it declares more values than the file can contain. */
  dataset(path: string): Dataset;
  /** All values, row-major, cast to float32. Costs the memory of the result and a buffer of a few MB. */
  read(path: string): Float32Array;
  /**
   * Passes the same values to `take`, a few MB at a time; `at` is the index of the first. The array is reused: `take` must not
   * keep it.
   */
  stream(path: string, take: (values: Float32Array, at: number) => void): void;
  close(): void;
}

/** Reading goes through a buffer of this size inside the library, whose memory never shrinks. */
const BUFFER_BYTES = 8 * 2 ** 20;

/** Below this the library may read through a buffer of its own. */
const MIN_DIRECT_BYTES = 2 ** 20;

/** The deflate algorithm cannot shrink further than this. */
const MAX_COMPRESSION = 1032;

/** Size of a decompressed data set that is accepted from a file of any size. */
const MAX_UNPACKED_BYTES = 2 ** 31;

/**
 * Opens `source` with the HDF5 library, which is loaded on first use (about 0.15 s).
 * @param path names the file in errors.
 * @throws Failure `truncated` or `file-unreadable`.
 */
export async function openHdf5(source: ByteSource, path: string): Promise<Hdf5File> {
  const declared = declaredHdf5Size(source);
  if (declared !== null && declared > source.size) {
    fail(
      'truncated',
      l10n.t(
        '{0} is cut short: its HDF5 header declares {1} bytes, it has {2}.',
        basename(path),
        declared,
        source.size,
      ),
      {
        remedy: l10n.t('The download or the copy is not complete; get the file again.'),
        subject: path,
      },
    );
  }
  const module = await hdf5Library();
  const mounted = mount(module, source);
  const id = openFile(module, mounted.path);
  if (id < 0n) {
    mounted.unmount();
    if (hasAborted(module)) failExhausted(path);
    fail('file-unreadable', l10n.t('{0} is damaged: the HDF5 library cannot open it.', basename(path)), {
      remedy: l10n.t('Save the model or copy the file again.'),
      subject: path,
    });
  }
  return new MountedHdf5(module, id, source.size, path, mounted);
}

/** Negative where the library cannot open the file. */
function openFile(module: H5Module, path: string): bigint {
  try {
    return module.open(path, module.H5F_ACC_RDONLY, false, -1, -1);
  } catch (thrown) {
    if (hasAborted(module)) return -1n;
    throw thrown;
  }
}

const failExhausted = (path: string): never =>
  fail('file-unreadable', l10n.t('{0} needs more memory than the HDF5 library may use.', basename(path)), {
    remedy: l10n.t('The file is probably damaged: save the model or copy the file again.'),
    subject: path,
  });

/** Some consecutive elements of a data set. */
interface Block {
  readonly type: ElementType;
  /** Elements before it, and in it. */
  readonly at: number;
  readonly length: number;
  /** Where `load` puts them in the library's memory. */
  readonly pointer: number;
  /** Reads them as they are stored; valid until the library is called again. */
  load(): Uint8Array;
}

interface Layout extends Dataset {
  /** Its values are in one piece, as they are: neither in chunks nor compressed. */
  readonly isContiguous: boolean;
  readonly isLittleEndian: boolean;
}

class MountedHdf5 implements Hdf5File {
  private open = true;
  /** What the library was asked before: each question takes it a tenth of a millisecond. */
  private readonly kinds = new Map<string, 'group' | 'dataset'>();
  private readonly layouts = new Map<string, Layout>();

  constructor(
    private readonly module: H5Module,
    private readonly id: bigint,
    private readonly fileSize: number,
    private readonly path: string,
    private readonly mounted: Mounted,
  ) {}

  kind(path: string): 'group' | 'dataset' | null {
    const known = this.guard(path, () => this.kinds.get(path));
    if (known) return known;
    const type = this.guard(path, () => this.module.get_type(this.id, path));
    const kind =
      type === this.module.H5G_GROUP ? 'group' : type === this.module.H5G_DATASET ? 'dataset' : null;
    if (kind) this.kinds.set(path, kind);
    return kind;
  }

  datasets(group: string): string[] {
    return this.below(group, 'dataset');
  }

  groups(group: string): string[] {
    return this.below(group, 'group');
  }

  private below(group: string, kind: 'group' | 'dataset'): string[] {
    const prefix = group === '/' ? '/' : `${group}/`;
    const names = this.guard(group, () => this.module.get_names(this.id, group, true));
    return names.map((name) => prefix + name).filter((path) => this.kind(path) === kind);
  }

  strings(path: string, attribute: string): string[] | null {
    const { module, id } = this;
    return this.guard(`${path}@${attribute}`, () => {
      if (!module.get_attribute_names(id, path).includes(attribute)) return null;
      const metadata = module.get_attribute_metadata(id, path, attribute);
      const bytes = metadata.size * metadata.total_size;
      // Keras writes an empty list as an empty list of numbers.
      if (bytes === 0) return [];
      if (metadata.type !== module.H5T_class_t.H5T_STRING.value || bytes > this.fileSize) {
        this.bad(l10n.t('{0}: {1} is not a string.', ...this.named(`${path}@${attribute}`)));
      }
      return this.withMemory(bytes, (pointer) => {
        if (module.get_attribute_data(id, path, attribute, BigInt(pointer)) < 0) {
          this.bad(l10n.t('{0}: {1} cannot be read.', ...this.named(`${path}@${attribute}`)));
        }
        const strings = stringsAt(module, pointer, metadata);
        if (metadata.vlen) module.reclaim_vlen_memory(id, path, attribute, BigInt(pointer));
        if (strings === null) {
          this.bad(
            l10n.t(
              '{0}: {1} contains more than {2} bytes of text.',
              ...this.named(`${path}@${attribute}`),
              MAX_JSON_BYTES,
            ),
          );
        }
        return strings;
      });
    });
  }

  dataset(path: string): Dataset {
    return this.layout(path);
  }

  read(path: string): Float32Array {
    const { shape } = this.dataset(path);
    const values = allocate(shape.reduce((product, size) => product * size, 1));
    if (values === null)
      this.bad(
        l10n.t('{0}: {1} of shape [{2}] does not fit into memory.', ...this.named(path), String(shape)),
      );
    if (!this.readDirectly(path, values))
      this.blocks(path, ({ load, type, at }) => castInto(values, at, load(), type));
    return values;
  }

  /**
   * Reads a data set that is stored as it is wanted from the file to its place, without a copy in the library's memory.
   * @returns whether it could
   */
  private readDirectly(path: string, values: Float32Array): boolean {
    const { type, isContiguous, isLittleEndian } = this.layout(path);
    // The library changes nothing in these bytes, so that it need not see them.
    const isStoredAsWanted = isContiguous && isLittleEndian && type === 'float32';
    if (!isStoredAsWanted || values.byteLength < MIN_DIRECT_BYTES) return false;
    const all = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    let bytes = 0;
    this.blocks(path, ({ load, pointer, at, length }) => {
      const target = all.subarray(at * 4, (at + length) * 4);
      bytes += this.mounted.divert(pointer, target, load);
    });
    return bytes === all.byteLength;
  }

  stream(path: string, take: (values: Float32Array, at: number) => void): void {
    let scratch = new Float32Array(0);
    this.blocks(path, ({ load, type, at, length }) => {
      if (scratch.length < length) scratch = new Float32Array(length);
      castInto(scratch, 0, load(), type);
      take(scratch.subarray(0, length), at);
    });
  }

  /** Passes the blocks of a data set to `take`, one after another. */
  private blocks(path: string, take: (block: Block) => void): void {
    const { shape, type } = this.layout(path);
    if (type === 'unknown') this.bad(l10n.t('{0}: {1} contains no numbers.', ...this.named(path)));
    if (shape.includes(0)) return;
    const width = ELEMENT_BYTES[type];
    const blocks = slabs(shape, BUFFER_BYTES / width);
    this.guard(path, () =>
      this.withMemory(blocks.largest * width, (pointer) => {
        let done = 0;
        for (const { offset, count, length } of blocks.all) {
          const strides = count.map(() => 1n);
          const whole = shape.length === 0;
          const load = (): Uint8Array => {
            const status = this.module.get_dataset_data(
              this.id,
              path,
              whole ? null : count,
              whole ? null : offset,
              whole ? null : strides,
              BigInt(pointer),
            );
            if (status < 0)
              this.bad(
                l10n.t(
                  '{0}: {1} cannot be read; the file is damaged or uses an unknown compression.',
                  ...this.named(path),
                ),
              );
            // The heap may have grown, and so moved, during the call.
            return this.module.HEAPU8.subarray(pointer, pointer + length * width);
          };
          take({ type, at: done, length, pointer, load });
          done += length;
        }
      }),
    );
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    // The memory of a library that gave up is freed with it.
    if (hasAborted(this.module)) return;
    try {
      this.module.close_file(this.id);
      this.mounted.unmount();
    } catch (thrown) {
      if (!hasAborted(this.module)) throw thrown;
    }
  }

  /** As the file declares it. @throws Failure as `dataset` */
  private layout(path: string): Layout {
    const known = this.guard(path, () => this.layouts.get(path));
    if (known) return known;
    const metadata = this.metadata(path);
    const { shape, chunks, littleEndian } = metadata;
    const layout = {
      shape: shape ?? [],
      type: elementType(this.module, metadata, () => this.isBfloat16(path)),
      isContiguous: chunks === null,
      isLittleEndian: littleEndian,
    };
    this.layouts.set(path, layout);
    return layout;
  }

  private metadata(path: string): Metadata {
    if (this.kind(path) !== 'dataset') this.bad(l10n.t('{0}: {1} is not in the file.', ...this.named(path)));
    const metadata = this.guard(path, () => this.module.get_dataset_metadata(this.id, path));
    const bytes = metadata.size * metadata.total_size;
    const compressed = Math.min(this.fileSize * MAX_COMPRESSION, Math.max(this.fileSize, MAX_UNPACKED_BYTES));
    if (metadata.virtual_sources !== undefined)
      this.bad(l10n.t('{0}: {1} takes its values from other files.', ...this.named(path)));
    if (metadata.shape === null) this.bad(l10n.t('{0}: {1} is empty.', ...this.named(path)));
    if (bytes > (metadata.chunks === null ? this.fileSize : compressed)) {
      this.bad(
        l10n.t(
          '{0}: {1} declares the shape [{2}], more values than the file can contain.',
          ...this.named(path),
          String(metadata.shape),
        ),
      );
    }
    return metadata;
  }

  /** HDF5 has no such type; Keras stores the bits and says so in an attribute (`saving_lib.H5Entry`). */
  private isBfloat16(path: string): boolean {
    return this.strings(path, 'dtype')?.[0] === 'bfloat16';
  }

  private withMemory<T>(bytes: number, work: (pointer: number) => T): T {
    const pointer = this.module._malloc(Math.max(bytes, 1));
    if (pointer === 0)
      this.bad(
        l10n.t(
          '{0}: {1} needs {2} bytes of memory, more than the HDF5 library may use.',
          ...this.named('/'),
          bytes,
        ),
      );
    try {
      return work(pointer);
    } finally {
      this.module._free(pointer);
    }
  }

  private guard<T>(path: string, work: () => T): T {
    if (!this.open) {
      fail('closed', l10n.t('{0} was closed while it was being read.', basename(this.path)), {
        remedy: l10n.t('Open the model again.'),
        subject: this.path,
      });
    }
    try {
      return work();
    } catch (error) {
      if (error instanceof Error && error.name === 'Failure') throw error;
      if (hasAborted(this.module)) failExhausted(this.path);
      this.bad(l10n.t('{0}: {1} cannot be read; the file is damaged.', ...this.named(path)));
    }
  }

  /** The file and what of it a sentence is about. */
  private named(path: string): [string, string] {
    return [basename(this.path), path];
  }

  private bad(problem: string): never {
    fail('bad-weights', problem, {
      remedy: l10n.t('Save the model or copy the file again.'),
      subject: this.path,
    });
  }
}

function allocate(length: number): Float32Array | null {
  try {
    return new Float32Array(length);
  } catch {
    return null;
  }
}
