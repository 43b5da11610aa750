import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as l10n from '@vscode/l10n';
import { byteText } from '../../../shared/amounts';
import { Failure } from '../../../shared/errors';

const MAX_BLOCK_BYTES = 2 ** 32 - 1;
/** Smaller blocks are not worth asking the system how much memory is taken. */
const LARGE_BLOCK_BYTES = 2 ** 26;

/** A block that would take the process over its limit was refused before anything was allocated: the backend is sound. */
export class MemoryFailure extends Failure {
  /**
   * @param needed in words
   * @param limit in words
   */
  constructor(
    private readonly needed: string,
    private readonly limit: string,
    layer?: { readonly path: string; readonly className: string },
  ) {
    super({
      kind: 'too-large',
      message:
        layer === undefined
          ? l10n.t('The next step of this run needs {0} more memory, and the limit is {1}.', needed, limit)
          : l10n.t(
              'Layer "{0}" ({1}) needs {2} more memory, and the limit is {3}.',
              layer.path,
              layer.className,
              needed,
              limit,
            ),
      remedy: l10n.t('Choose a smaller input, or raise the memory limit (setting layerglass.memoryLimit).'),
      ...(layer === undefined ? {} : { subject: layer.path }),
    });
  }

  /** The same, of a layer. */
  of(path: string, className: string): MemoryFailure {
    return new MemoryFailure(this.needed, this.limit, { path, className });
  }
}

/**
 * WebAssembly's `malloc` returns 0 when its memory (at most 4 GB) is exhausted, and TF.js would then write values over the
 * data at address 0: every later number may be wrong. With this patch it throws, and the backend counts as broken
 * (`isBroken` in trace.ts). A block that cannot fit is refused with a `MemoryFailure` instead.
 *
 * @param maxBytes of the resident set of the process.
 */
export function checkAllocations({ wasm }: Pick<BackendWasm, 'wasm'>, maxBytes: number): void {
  let malloc = wasm._malloc;
  // Blocks below it have been used, so that their memory counts as taken already.
  let highest = 0;
  const allocate = (bytes: number): number => {
    // Sizes have 32 bits: 4 GB and 16 bytes would wrap to 16 bytes.
    if (bytes > Math.min(maxBytes, MAX_BLOCK_BYTES)) return refuse(bytes, maxBytes);
    const address = malloc(bytes) >>> 0;
    if (address === 0 && bytes > 0)
      throw new Error(`WebAssembly is out of memory (${bytes} bytes could not be allocated)`);
    const added = Math.min(bytes, address + bytes - highest);
    if (added >= LARGE_BLOCK_BYTES && process.memoryUsage.rss() + added > maxBytes) {
      wasm._free(address);
      return refuse(bytes, maxBytes);
    }
    highest = Math.max(highest, address + bytes);
    return address;
  };
  // Emscripten's first `_malloc` replaces itself by that of the module, which must not remove this one.
  Object.defineProperty(wasm, '_malloc', {
    configurable: true,
    get: () => allocate,
    set: (own: typeof malloc) => {
      malloc = own;
    },
  });
}

function refuse(bytes: number, maxBytes: number): never {
  const limit = byteText(Math.min(maxBytes, MAX_BLOCK_BYTES));
  throw new MemoryFailure(byteText(bytes), limit);
}
