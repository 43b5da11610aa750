import { readFile } from '../../io/openFile';
import { MAX_INPUT_BYTES } from '../inputLimits';
import type { InputSpec } from '../loadedInput';
import { sampleCount } from './arrayInput';
import { readNpz } from './npz';

/** How many samples the array of an .npz file has that an input would be read from. @throws Failure as `readNpz`, `wrong-shape`. */
export async function samplesIn(file: string, member: string | undefined, spec: InputSpec): Promise<number> {
  const bytes = readFile(file, MAX_INPUT_BYTES);
  const array = await readNpz(bytes, file, member, spec.name, () => 0);
  return sampleCount(array, file, spec);
}
