/** How large a package may become, so that no download grows unnoticed: the build of a larger one fails. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Trouble } from '../lib.mjs';
import { UNIVERSAL } from './onnxRuntime.mjs';

/** MB (10^6 bytes) of a VSIX by its target: what it had when this was written, and about a tenth more. */
const VSIX = {
  'linux-x64': 26,
  'linux-arm64': 18,
  'win32-x64': 18,
  'win32-arm64': 18,
  'darwin-arm64': 21,
  [UNIVERSAL]: 6.5,
};

/** MB by kind of package and target; the command line for a platform may weigh what the VSIX for it may. */
export const LIMITS_MB = { vsix: VSIX, npm: { ...VSIX, [UNIVERSAL]: 3.5 } };

/**
 * The size of a package as a line to print.
 * @param {'vsix' | 'npm'} kind
 * @param {string} target one of TARGETS
 * @param {string} file the package
 * @throws {Trouble} when it is larger than its limit
 */
export function sizeLine(kind, target, file) {
  const size = statSync(file).size / 1e6;
  const limit = LIMITS_MB[kind][target];
  if (size > limit)
    throw new Trouble(
      `${basename(file)} has ${size.toFixed(2)} MB, and ${limit} MB are allowed: find what made it larger, or raise its limit in scripts/bundle/limits.mjs.`,
    );
  return `${file}: ${size.toFixed(2)} MB of ${limit} MB\n`;
}
