import * as l10n from '@vscode/l10n';
import { byteText, fullCount } from '../../shared/amounts';
import { fail } from '../../shared/errors';
import type { TensorRef } from '../graph/graph';
import type { Trace } from '../run/trace';

/** Arrays of float32 of the inputs' size beside their tensors: the values, a baseline, groups, a mask, changed values, maps. */
const COPIES = 10;
/**
 * The limit of the process in limits of a run: a backward walk keeps about as much as its trace, and a kernel, a map or statistics hold
 * copies of the largest values beside both. Explanations were measured to take five to six times the values of their run.
 */
export const PROCESS_PER_RUN = 6;

/**
 * Refuses to run a model on many changed inputs where that takes about as much memory as the process may have.
 * @param label what runs it, the subject of the sentence.
 * @param places what is changed.
 * @param bytesPerValue kept for each value of these besides copies of it.
 * @throws Failure `too-costly`; a request with `insist` skips this check.
 */
export function checkMemory(
  label: string,
  trace: Trace,
  places: readonly { readonly ref: TensorRef }[],
  bytesPerValue = 0,
): void {
  const values = places.reduce(
    (sum, { ref }) => sum + (trace.values.get(ref.node)?.outputs[ref.output]?.size ?? 0),
    0,
  );
  // The values of the run, and those of a pass of changed inputs.
  const bytes = 2 * trace.bytes + values * (4 * COPIES + bytesPerValue);
  if (bytes <= PROCESS_PER_RUN * trace.maxBytes) return;
  fail(
    'too-costly',
    l10n.t('{0} on {1} input values takes about {2} of memory.', label, fullCount(values), byteText(bytes)),
    {
      remedy: l10n.t('Choose a smaller input or another method, or run it anyway.'),
    },
  );
}
