import { dirname } from 'node:path';
import type { InputSource } from '../../shared/inputs';
import { inputParts, type OpenedModel } from '../../shared/protocol';
import { withoutExports } from '../../shared/sources/exportedFiles';
import { type InputParts, MAX_LISTED_PARTS } from '../../shared/sources/inputParts';
import type { InputPosition } from '../../shared/sources/inputPosition';
import { typedKind } from '../../shared/sources/typedInput';
import type { App } from '../app';
import { folderFiles } from '../models/workspaceFiles';
import { offerFor } from './inputOffer';

type FileSource = Extract<InputSource, { kind: 'file' }>;

/** The inputs that can be stepped through, one of which is the present one. */
export interface InputSeries extends Pick<InputPosition, 'kind' | 'at' | 'count'> {
  /** The inputs of the model at another position; `null` outside the series. */
  inputsAt(at: number): readonly InputSource[] | null;
}

/**
 * The series that the first input of a model belongs to: the samples, rows or sequences of its file, or the files of its folder.
 * Inputs that take the same sample of arrays move together; the others of several inputs stay.
 *
 * @returns `null` where there is nothing to step through
 */
export async function inputSeries(
  app: Pick<App, 'client' | 'settings'>,
  model: OpenedModel,
  inputs: readonly InputSource[],
): Promise<InputSeries | null> {
  const [first] = inputs;
  if (first?.kind !== 'file') return null;
  const { sample, member, path } = first;
  const { modelId } = model;
  const source = withoutPart(first);
  const found = await app.client.ask(inputParts, { modelId, input: 0, source });
  if (found.ok && found.value !== null) return partsSeries(found.value, first, inputs);
  if (sample !== undefined || member !== undefined || inputs.length > 1) return null;
  return filesSeries(app, model, path);
}

/** The file itself; an array of an archive keeps its name, which a row or a sequence has in the same place. */
function withoutPart({ path, member }: FileSource): FileSource {
  return { kind: 'file', path, ...(/\.npz$/i.test(path) && member !== undefined ? { member } : {}) };
}

function partsSeries(
  { kind, count, names }: InputParts,
  first: FileSource,
  inputs: readonly InputSource[],
): InputSeries | null {
  if (kind === 'samples') {
    const at = first.sample ?? 0;
    const moved = (to: number): readonly InputSource[] =>
      inputs.map((one) =>
        one.kind === 'file' && (one.sample ?? 0) === at && isArray(one)
          ? { ...withoutEdits(one), sample: to }
          : one,
      );
    return series(kind, at, count, moved);
  }
  // More sequences than are listed have no names here.
  const known = kind === 'sequences' ? Math.min(count, names.length, MAX_LISTED_PARTS) : count;
  const nameOf = (at: number): string => (kind === 'sequences' ? (names[at] ?? '') : String(at + 1));
  const at =
    kind === 'sequences' ? names.indexOf(first.member ?? names[0] ?? '') : Number(first.member ?? 1) - 1;
  const rest = inputs.slice(1);
  return series(kind, at, known, (to) => [{ ...withoutEdits(first), member: nameOf(to) }, ...rest]);
}

/** Edits belong to one part. */
function withoutEdits({ edits: _, ...part }: FileSource): FileSource {
  return part;
}

const isArray = ({ path }: FileSource): boolean => /\.(npy|npz)$/i.test(path);

async function filesSeries(
  { settings }: Pick<App, 'settings'>,
  model: OpenedModel,
  path: string,
): Promise<InputSeries | null> {
  const { inputs, layers } = model.summary;
  const [input] = inputs;
  if (input === undefined) return null;
  const { extensions } = offerFor(input, typedKind(input, layers, await settings.of(model)));
  const files = withoutExports(await folderFiles(dirname(path), extensions)).sort((a, b) =>
    a.localeCompare(b, undefined, { numeric: true }),
  );
  return series('files', files.indexOf(path), files.length, (to) => [
    { kind: 'file', path: files[to] ?? path },
  ]);
}

function series(
  kind: InputPosition['kind'],
  at: number,
  count: number,
  inputsAt: (at: number) => readonly InputSource[],
): InputSeries | null {
  if (count < 2 || at < 0 || at >= count) return null;
  return { kind, at, count, inputsAt: (to) => (to >= 0 && to < count ? inputsAt(to) : null) };
}
