import * as l10n from '@vscode/l10n';
import { byteText } from '../amounts';
import type { LayerglassError } from '../errors';

/** Bytes of a file from another program that is dropped on a page, which sends them in one message. A larger file is opened in place. */
export const MAX_DROPPED_BYTES = 32e6;

export const OPEN_IN_PLACE = l10n.t(
  'Choose it with "Input" at the top of the page: it is then read in place.',
);

/** Why a file is refused; `null` where it is small enough. */
export const tooLargeToDrop = (name: string, bytes: number): LayerglassError | null =>
  bytes > MAX_DROPPED_BYTES
    ? {
        kind: 'too-large',
        message: l10n.t(
          '{0} has {1}; a file is dropped up to {2}.',
          name,
          byteText(bytes),
          byteText(MAX_DROPPED_BYTES),
        ),
        remedy: OPEN_IN_PLACE,
      }
    : null;
