import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';

/** WebAssembly files the image decoders need, and where npm puts them. The build copies each to `dist/wasm/`. */
export const WASM_ASSETS = {
  'mozjpeg_dec.wasm': '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  'webp_dec.wasm': '@jsquash/webp/codec/dec/webp_dec.wasm',
} as const;

export type WasmAsset = keyof typeof WASM_ASSETS;

/**
 * Absolute path of a WebAssembly file: `wasm/<name>` beside the running bundle, else (run from sources) in the
 * nearest node_modules above this file.
 *
 * @throws Failure `internal` when it is in neither place.
 */
export function assetPath(name: WasmAsset): string {
  const bundled = join(__dirname, 'wasm', name);
  if (existsSync(bundled)) return bundled;
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const installed = join(folder, 'node_modules', WASM_ASSETS[name]);
    if (existsSync(installed)) return installed;
    if (folder === dirname(folder)) break;
  }
  return fail('internal', l10n.t("Layerglass's own file wasm/{0} is missing from {1}.", name, __dirname), {
    remedy: l10n.t('Install the extension again.'),
  });
}
