import { createHash } from 'node:crypto';
import type { OpenModel } from '../session/openModels';
import { hashFile } from './contentDigest';

/** Equal for a model of equal content and equal options, on any machine. Reads all files of the model. @throws Failure of reading */
export function batchDigest(model: OpenModel, options: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  const { path, companionFiles, architecture } = model;
  for (const file of [path, ...companionFiles, ...(architecture === null ? [] : [architecture])])
    hashFile(hash, file);
  return hash.digest('hex');
}
