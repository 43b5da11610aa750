/** Which licences a package that travels inside Layerglass may have. */
import { Trouble } from '../lib.mjs';

/** Permissive ones, by their SPDX expression. All they ask for is that their text travels along. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  '(Apache-2.0 AND BSD-3-Clause)',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** Packages whose manifest names no licence that SPDX knows, with what it says there; somebody has read the text. */
const READ = {
  // NIST's terms, which ask that their notice stays whole; the HDF5 library inside is under a licence like BSD's.
  h5wasm: 'SEE LICENSE IN LICENSE.txt',
};

/**
 * @param {{ name: string, license?: unknown }} manifest of a package
 * @throws {Trouble} when it may not travel along
 */
export function checkLicence({ name, license }) {
  if (ALLOWED.has(license) || (license !== undefined && READ[name] === license)) return;
  const stated = license === undefined ? 'names no licence' : `has the licence ${JSON.stringify(license)}`;
  throw new Trouble(
    `The package ${name} is in a bundle and ${stated}, which is not in scripts/bundle/licences.mjs: leave it out, or add the licence if it is permissive.`,
  );
}
