const MAX_STEM = 150;
/** Names that Windows gives to devices, whatever follows the dot. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Gives every weight a file name of its own, `<layer>.<weight>.npy`: letters, digits and a few harmless signs only, so that no name
 * in a model leads out of a folder. Names that would become the same, in either case of their letters, are numbered.
 */
export function npyNames(): (weight: { readonly path: string; readonly name: string }) => string {
  const taken = new Set<string>();
  return ({ path, name }) => {
    const plain = `${path}.${name}`.replace(/[^\w.-]+/g, '.').replace(/^[.-]+/, '');
    const stem = `${RESERVED.test(plain) ? '_' : ''}${plain.slice(-MAX_STEM) || 'weight'}`;
    for (let i = 1; ; i++) {
      const file = `${stem}${i === 1 ? '' : `~${i}`}.npy`;
      if (taken.has(file.toLowerCase())) continue;
      taken.add(file.toLowerCase());
      return file;
    }
  };
}
