/** Where the settings of a model lie that a team shares: beside the model. */
export const sidecarPath = (model: string): string => `${model}.layerglass.json`;

/** Tells one version of a file from the next. @param mtime milliseconds since 1970 */
export function sidecarVersion({ mtime, size }: { readonly mtime: number; readonly size: number }): string {
  return `${Math.round(mtime)} ${size}`;
}
