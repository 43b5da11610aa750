/** Part of the name of a file that we write: letters, digits and a few harmless signs, at most `length` characters. */
export const harmlessName = (text: string, length: number): string =>
  text.slice(0, length).replace(/[^\p{L}\p{N} ._-]/gu, '_');
