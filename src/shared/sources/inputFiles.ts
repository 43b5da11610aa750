/** File name extensions by what a file of that name holds. What a file really is shows in its content. */
export const IMAGE_FILES = ['png', 'jpg', 'jpeg', 'webp', 'bmp'] as const;
export const ARRAY_FILES = ['npy', 'npz'] as const;
/** One or several sequences of letters. */
export const FASTA_FILES = ['fasta', 'fa', 'faa', 'fna'] as const;
export const TABLE_FILES = ['csv', 'tsv'] as const;
export const TEXT_FILES = ['txt'] as const;

export type TextFormat = 'fasta' | 'table' | 'json' | 'text';

const FORMATS: readonly (readonly [TextFormat, readonly string[]])[] = [
  ['fasta', FASTA_FILES],
  ['table', TABLE_FILES],
  ['json', ['json']],
  ['text', TEXT_FILES],
];

/** The format of a text file by its name; `null` for any other name. */
export function textFormatOf(path: string): TextFormat | null {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return FORMATS.find(([, extensions]) => extensions.includes(extension))?.[0] ?? null;
}
