import { basename, dirname } from 'node:path';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import type { App } from '../app';

/** Files that hold many inputs: the file itself is shown, not its folder. */
const HOLDS_MANY = /\.(npy|npz|csv|tsv|fasta|fa|faa|fna|json)$/i;

/**
 * The files and folders whose inputs a gallery shows: those that the user chose, else the folder of the model and where its last inputs are.
 */
export async function gallerySources(
  app: Pick<App, 'settings' | 'revisions'>,
  model: OpenedModel,
): Promise<readonly string[]> {
  const { gallery, lastInputs = [] } = await app.settings.of(model);
  if (gallery !== undefined && gallery.sources.length > 0) return gallery.sources;
  const folder = modelFolder(app, model);
  const others = lastInputs.flatMap(sourceOf).filter((path) => path !== folder && dirname(path) !== folder);
  return [...new Set([folder, ...others])];
}

/** The folder of a model; of an old revision that of the file that it is a revision of. */
export const modelFolder = ({ revisions }: Pick<App, 'revisions'>, model: OpenedModel): string =>
  dirname(revisions.isCopy(model.path) ? revisions.originOf(model.path) : model.settingsFile);

/** The file or folder in which an input lies with others. */
export function sourceOf(input: InputSource): string[] {
  if (input.kind !== 'file') return [];
  return [HOLDS_MANY.test(input.path) ? input.path : dirname(input.path)];
}

/** A short name of a file or folder. */
export const sourceName = (path: string): string => basename(path) || path;
