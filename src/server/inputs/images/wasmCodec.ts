import * as l10n from '@vscode/l10n';
import { readFile } from '../../io/openFile';
import { assetPath, type WasmAsset } from '../assets';
import { imageDamaged } from './imageLimits';

export interface WasmCodec {
  /** [height, width, 4] bytes. Throws a `Failure` when the decoder gives up or gives another size. */
  decode(bytes: Buffer, width: number, height: number, file: string): Promise<Uint8Array>;
}

/** The decoders have a few hundred KB. */
const MAX_CODEC_BYTES = 2 ** 24;

/** A decoder never shrinks its memory: after an image of more than this it is restarted. */
const MAX_KEPT_BYTES = 2 ** 24;

/** The pixels of what a decoder returns (an ImageData), if they are those of a `width` x `height` image. */
function pixelsOf(decoded: unknown, width: number, height: number): Uint8Array | null {
  if (typeof decoded !== 'object' || decoded === null || !('data' in decoded)) return null;
  const { data } = decoded;
  if (!(data instanceof Uint8ClampedArray) || data.length !== width * height * 4) return null;
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/**
 * A jSquash decoder that loads its WebAssembly from a file rather than by fetch. After a failure it is restarted for the next
 * image, because an aborted module cannot be reused.
 */
export function createCodec(
  asset: WasmAsset,
  init: (module: WebAssembly.Module) => Promise<void>,
  decode: (bytes: ArrayBuffer) => Promise<unknown>,
): WasmCodec {
  let compiled: Promise<WebAssembly.Module> | null = null;
  let ready = false;
  return {
    async decode(bytes, width, height, file) {
      compiled ??= WebAssembly.compile(readFile(assetPath(asset), MAX_CODEC_BYTES));
      const module = await compiled;
      if (!ready) await init(module);
      ready = width * height * 4 <= MAX_KEPT_BYTES;
      const own = new Uint8Array(bytes).buffer;
      try {
        const pixels = pixelsOf(await decode(own), width, height);
        if (pixels !== null) return pixels;
      } catch (thrown) {
        ready = false;
        // C++ exceptions arrive as objects without a message.
        const words =
          thrown instanceof Error
            ? l10n.t('the decoder reported "{0}"', thrown.message)
            : l10n.t('the decoder gave up');
        return imageDamaged(file, words);
      }
      return imageDamaged(file, l10n.t('the decoded size differs from that in the header'));
    },
  };
}
