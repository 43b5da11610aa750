import * as l10n from '@vscode/l10n';
import { fail } from '../shared/errors';
import { mapInto } from '../shared/mapInto';
import type { WireTensor } from '../shared/model';

/**
 * Decodes the values of a tensor, row-major.
 * @throws Failure `internal` when the length does not match the shape
 */
export function tensorValues(tensor: WireTensor): Float32Array | Uint8Array {
  const text = atob(tensor.data);
  const bytes = mapInto(new Uint8Array(text.length), text, (character) => character.charCodeAt(0));
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  const width = tensor.dtype === 'float32' ? 4 : 1;
  if (bytes.length !== count * width) {
    fail(
      'internal',
      l10n.t(
        'An array of shape {0} has {1} bytes instead of {2}.',
        tensor.shape.join(' x '),
        bytes.length,
        count * width,
      ),
      { remedy: l10n.t('Run "Layerglass: Restart Server" and try again.') },
    );
  }
  return width === 4 ? new Float32Array(bytes.buffer) : bytes;
}
