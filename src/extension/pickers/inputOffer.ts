import * as l10n from '@vscode/l10n';
import type { MaybeShape, NamedTensor } from '../../shared/model';
import {
  ARRAY_FILES,
  FASTA_FILES,
  IMAGE_FILES,
  TABLE_FILES,
  TEXT_FILES,
} from '../../shared/sources/inputFiles';
import type { TypedKind } from '../../shared/sources/typedInput';

/** What is offered for an input. Everything else, JSON for one, can be browsed for. */
export interface Offer {
  /** Of files, without dots; arrays are among them. */
  readonly extensions: readonly string[];
  /** With its article. */
  readonly what: string;
  readonly isText: boolean;
  /** What can be typed instead. */
  readonly typed: TypedKind | null;
}

const IMAGE_CHANNELS: readonly (number | null | undefined)[] = [1, 3, 4, null];

/** Whether images can be of a shape: [batch, height, width, channels], or with channels first. */
const takesImages = (shape: MaybeShape): boolean =>
  shape === null ||
  (shape.length === 4 && (IMAGE_CHANNELS.includes(shape[3]) || IMAGE_CHANNELS.includes(shape[1])));

export function offerFor({ shape, dtype }: NamedTensor, typed: TypedKind | null): Offer {
  const offer = (what: string, ...extensions: readonly string[]): Offer => ({
    extensions: [...extensions, ...ARRAY_FILES],
    what,
    isText: dtype === 'string',
    typed,
  });
  if (dtype === 'string') return offer(l10n.t('a text file or an array'), ...TEXT_FILES, ...FASTA_FILES);
  switch (shape?.length) {
    case 2:
      return offer(l10n.t('a table or an array'), ...TABLE_FILES, ...FASTA_FILES, ...TEXT_FILES);
    case 3: {
      // A model whose sizes are known may take grey images without an axis of channels.
      const images = shape?.slice(1).every((size) => size !== null && size > 1) ? IMAGE_FILES : [];
      const what =
        images.length > 0
          ? l10n.t('an image, a FASTA file, a table or an array')
          : l10n.t('a FASTA file, a table or an array');
      return offer(what, ...images, ...FASTA_FILES, ...TABLE_FILES);
    }
    default:
      return takesImages(shape ?? null)
        ? offer(l10n.t('an image or an array'), ...IMAGE_FILES)
        : offer(l10n.t('an array'));
  }
}

/** Whether a file's name is that of a kind that is offered. */
export function isOfferedFile(path: string, { extensions }: Offer): boolean {
  return extensions.includes(path.slice(path.lastIndexOf('.') + 1).toLowerCase());
}
