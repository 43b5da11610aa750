import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { ParameterCount } from '../../../shared/model';
import type { WeightStore } from '../../formats/modelFile';

/**
 * Compressed weights unpack to the model's parameters, at most in double precision, the optimizer's state for each, and
 * names. Keras itself compresses none.
 */
const PACKED_BYTES_OF_WEIGHT = 8 * 4;
const PACKED_BYTES_BESIDE = 2 ** 26;
/**
 * Limit of the unpacked size of the weights of unknown layers, as a multiple of the archive's size. Trained float32 values
 * shrink by a tenth, pruned and quantized ones to a tenth; only zeros, as in zip bombs, shrink to a thousandth.
 */
const MAX_RATIO_OF_UNKNOWN = 32;

/** @throws Failure `too-large` for an archive that would unpack to far more than its layers or its own size account for. */
export function checkPacked({ total, isLowerBound }: ParameterCount, store: WeightStore): void {
  const { bytes, unpackedBytes } = store.packed ?? { bytes: 0, unpackedBytes: 0 };
  const ofUnknown = isLowerBound ? bytes * MAX_RATIO_OF_UNKNOWN : 0;
  if (unpackedBytes <= total * PACKED_BYTES_OF_WEIGHT + PACKED_BYTES_BESIDE + ofUnknown) return;
  const message = isLowerBound
    ? l10n.t(
        'The weights of the model would unpack to {0} bytes; {1} bytes of the archive hold them, and the layers that are known have {2} parameters.',
        unpackedBytes,
        bytes,
        total,
      )
    : l10n.t(
        'The weights of the model would unpack to {0} bytes; its layers have {1} parameters.',
        unpackedBytes,
        total,
      );
  fail('too-large', message, {
    remedy: l10n.t('If you trust the file, load it in Keras and save it again with model.save.'),
  });
}
