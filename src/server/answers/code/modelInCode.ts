import type { ModelSummary } from '../../../shared/model';
import type { FileUse } from '../../code/machine';
import type { Layer, Model } from '../../code/values';
import { builtFor } from './lenses';
import type { Program } from './programs';

/**
 * The model of a program that belongs to a file: of the call that names the file there, else of the last call that names it, else the
 * one that has the most names of layers in common with the file. `null` where there is none.
 * @param at where in the program a call starts that names the file
 * @param isFile whether a name in the program is that of the file
 */
export function modelInCode(
  program: Program,
  summary: ModelSummary,
  at: number | null,
  isFile: (name: string) => boolean,
): Model | null {
  const { files, layers } = program.inference;
  const built = (use: FileUse | undefined): Model | null => (use ? builtFor(program, use) : null);
  const there = files.find(({ site, file }) => site.from === at && isFile(file));
  const named = built(there) ?? built(files.findLast(({ file }) => isFile(file)));
  if (named !== null) return named;
  const models = layers.flatMap(({ layer }) => (layer.kind === 'model' ? [layer] : []));
  const [best] = models
    .map((model) => ({ model, common: inCommon(model, summary) }))
    .sort((one, other) => other.common - one.common);
  return best !== undefined && best.common > 0 ? best.model : null;
}

/** How many names of layers a model of code and a file have in common. */
export function inCommon(model: Model, { layers }: ModelSummary): number {
  const names = new Set(layers.filter(({ className }) => className !== 'InputLayer').map(({ name }) => name));
  return new Set(namesOf(model).filter((name) => names.has(name))).size;
}

const namesOf = (layer: Layer | Model): string[] => [
  ...(layer.name === null ? [] : [layer.name]),
  ...(layer.kind === 'model' ? (layer.state.value.layers ?? []).flatMap(namesOf) : []),
];
