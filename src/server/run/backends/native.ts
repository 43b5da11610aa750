import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { listFolder } from '../../io/openFile';
import type { TF } from '../../layers/kind';

/**
 * TensorFlow itself, through `@tensorflow/tfjs-node`.
 * @param nativePath folder of that package or one that has it in `node_modules`; '' for none
 */
export async function startNative({ nativePath }: { readonly nativePath: string }): Promise<TF> {
  // The library greets on stderr, and TensorFlow's own log would fill the channel.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Where the processor has it, oneDNN adds in an order that changes from run to run, is no faster for one image, and
  // greets on stderr whatever the log level.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  const folder = nativePackage(nativePath);
  // Its own copy of tfjs-core comes with it and is the only one in the process: the bundled one is not loaded.
  const tf: TF = createRequire(join(folder, 'package.json'))(folder);
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow') throw new Error(l10n.t('its TensorFlow binding did not load'));
  return tf;
}

/** Nearest folder upwards that holds this extension, from `dist/` as well as from the sources. */
export function extensionRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Folder of the first installed package. @throws Error if there is none */
export function nativePackage(nativePath: string): string {
  const root = extensionRoot();
  const places = [process.env.LAYERGLASS_NATIVE ?? '', nativePath, root, join(root, '.native')];
  for (const place of places.filter((p) => p !== '')) {
    for (const folder of [place, join(place, 'node_modules', '@tensorflow', 'tfjs-node')]) {
      if (hasBinding(folder)) return folder;
    }
  }
  throw new Error(l10n.t('@tensorflow/tfjs-node is not installed'));
}

/** An installation whose download failed leaves the package without its binding: then the next place is tried. */
function hasBinding(folder: string): boolean {
  const lib = join(folder, 'lib');
  return (
    existsSync(join(folder, 'dist', 'nodejs_kernel_backend.js')) &&
    listFolder(lib).some((api) => existsSync(join(lib, api, 'tfjs_binding.node')))
  );
}
