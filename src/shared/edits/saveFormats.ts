/** Files that an edited input is saved as. */
export const SAVE_FORMATS = ['png', 'npy', 'csv', 'txt', 'fasta'] as const;
export type SaveFormat = (typeof SAVE_FORMATS)[number];
