import type { Explanation } from '../../shared/explanation';
import { displayMap } from '../../shared/maps/displayMap';
import { tensorValues } from '../tensor';

/**
 * The map as it is drawn: `Explanation.displayMap`, which is computed here where the server did not.
 * @throws Failure `internal` when an array's length does not match its shape
 */
export function drawnMap({ rawMap, displayMap: drawn, display }: Explanation) {
  if (drawn.data !== null) return { shape: drawn.shape, values: floats(drawn) };
  return displayMap({ shape: rawMap.shape, values: floats(rawMap) }, drawn.shape, display);
}

const floats = (tensor: Parameters<typeof tensorValues>[0]): Float32Array =>
  Float32Array.from(tensorValues(tensor));
