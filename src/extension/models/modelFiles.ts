/** File names that are offered as models. The content decides when a file is opened. */
export const MODEL_ENDINGS = ['keras', 'h5', 'hdf5'];
export const MODEL_NAME = /^(saved_model\.pb|model(?!.*\.layerglass\.json$).*\.json)$/i;

export function looksLikeModel(name: string): boolean {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return MODEL_ENDINGS.includes(ending) || MODEL_NAME.test(name);
}
