/** Path of the settings file that a team shares beside the model. */
export const sidecarPath = (model: string): string => `${model}.layerglass.json`;

/** Distinguishes versions of a file. @param mtime milliseconds since 1970 */
export function sidecarVersion({ mtime, size }: { readonly mtime: number; readonly size: number }): string {
  return `${Math.round(mtime)} ${size}`;
}
