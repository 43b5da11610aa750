import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { fail, toError } from '../../shared/errors';
import { type CustomLayer, customKind } from '../layers/customLayer';
import type { KindTable } from '../layers/kind';
import { isBuiltIn } from './registry';

const isFunction = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function');
const layerSchema = z.object({
  outputShape: isFunction.optional(),
  weights: isFunction.optional(),
  call: isFunction,
  gradient: isFunction.optional(),
});

/**
 * Loads the JavaScript modules (CommonJS or ES) that a user named and returns the layers that they implement.
 * Only a setting of a trusted workspace or a CLI option names them, never a model file.
 * @param paths absolute paths.
 * @throws Failure `file-unreadable` or `bad-config` that names the module.
 */
export async function loadCustomLayers(paths: readonly string[]): Promise<KindTable> {
  const kinds: Record<string, KindTable[string]> = Object.create(null);
  for (const path of paths) {
    const module = basename(path);
    for (const [className, layer] of Object.entries(await exportsOf(path, module))) {
      if (isBuiltIn(className)) {
        fail(
          'bad-config',
          l10n.t('{0} implements "{1}", which is a built-in Keras layer.', module, className),
          {
            subject: path,
            remedy: l10n.t('Export the layer under the name of your own class.'),
          },
        );
      }
      if (!layerSchema.safeParse(layer).success) {
        fail(
          'bad-config',
          l10n.t('{0}: "{1}" is not a layer: it needs a function "call".', module, className),
          {
            subject: path,
            remedy: l10n.t('docs/custom-layers.md of Layerglass shows a working module.'),
          },
        );
      }
      kinds[className] = customKind(layer as CustomLayer, module);
    }
  }
  return kinds;
}

async function exportsOf(path: string, module: string): Promise<Record<string, unknown>> {
  let loaded: Record<string, unknown>;
  try {
    const { importModule } = await import('./esModule');
    loaded = await importModule(pathToFileURL(path).href);
  } catch (thrown) {
    return fail(
      'file-unreadable',
      l10n.t('The custom layers in {0} could not be loaded: {1}', module, messageOf(thrown)),
      {
        subject: path,
        remedy: l10n.t('Correct the module or the setting layerglass.customLayers, and restart the server.'),
      },
    );
  }
  // `import()` gives a CommonJS module as the default export.
  const { default: whole } = loaded;
  return typeof whole === 'object' && whole !== null ? (whole as Record<string, unknown>) : loaded;
}

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : toError(thrown).message;
