export type InputContent = 'png' | 'jpeg' | 'webp' | 'bmp' | 'npy' | 'zip' | 'unknown';

const IMAGES: ReadonlySet<InputContent> = new Set(['png', 'jpeg', 'webp', 'bmp']);

export const isImage = (content: InputContent): boolean => IMAGES.has(content);

/** Detects the type of a file from its first bytes, independent of its name. */
export function sniffInput(bytes: Buffer): InputContent {
  const starts = (text: string, at = 0): boolean => bytes.toString('latin1', at, at + text.length) === text;
  if (starts('\x89PNG\r\n\x1a\n')) return 'png';
  if (starts('\xff\xd8\xff')) return 'jpeg';
  if (starts('RIFF') && starts('WEBP', 8)) return 'webp';
  if (starts('\x93NUMPY')) return 'npy';
  if (starts('PK\x03\x04') || starts('PK\x05\x06')) return 'zip';
  return starts('BM') ? 'bmp' : 'unknown';
}
