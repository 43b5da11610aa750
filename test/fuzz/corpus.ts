import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** A model with its files, or a model with a file that it is used with; one of `mutated` is changed. */
export interface Subject {
  /** By path inside a folder of its own. */
  readonly files: ReadonlyMap<string, string>;
  readonly model: string;
  /** A file that the model is run on; left out, it is random. */
  readonly input?: string;
  readonly mutated: readonly string[];
}

const MAX_BYTES = 150_000;

/** @param root the project's folder. */
export function corpus(root: string): Subject[] {
  const fixtures = join(root, 'test/fixtures');
  const all = filesBelow(fixtures).filter((path) => statSync(path).size <= MAX_BYTES);
  const alone = all.filter((path) => /\.(keras|h5|hdf5)$/.test(path)).map(single);
  const graphs = all
    .filter((path) => dirname(path).endsWith('graph_models') && path.endsWith('.json'))
    .map(withShards)
    .filter((subject) => subject !== null);
  const saved = all
    .filter((path) => basename(path) === 'saved_model.pb')
    .map((path) => folder(dirname(path), 'saved_model.pb'));
  const spot = folder(join(root, 'samples/3-binary/spot'), 'model.json');
  const toy = join(fixtures, 'golden/toy.keras');
  const inputs = all.filter(
    (path) => /\.(png|jpe?g|webp|bmp|npy|npz)$/.test(path) && !/layers|graph_models/.test(path),
  );
  const text = join(root, 'samples/1-sequence/with-motif.fasta');
  return [
    ...alone,
    ...graphs,
    ...saved,
    ...Array.from({ length: 20 }, () => spot),
    ...[...inputs, text].map((path) => withInput(toy, path)),
    ...Array.from({ length: 20 }, () => withSidecar(toy)),
  ];
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

function single(path: string): Subject {
  const name = basename(path);
  return { files: new Map([[name, path]]), model: name, mutated: [name] };
}

function withShards(path: string): Subject | null {
  const { weightsManifest = [] } = JSON.parse(readFileSync(path, 'utf8'));
  const shards: unknown[] = weightsManifest.flatMap((group: { paths?: unknown[] }) => group.paths ?? []);
  const names = shards.filter((name) => typeof name === 'string');
  const files = new Map([
    ['model.json', path],
    ...names.map((name) => [name, join(dirname(path), name)] as const),
  ]);
  return { files, model: 'model.json', mutated: ['model.json', 'model.json', 'model.json', ...names] };
}

function folder(from: string, model: string): Subject {
  const files = new Map(filesBelow(from).map((path) => [relative(from, path), path]));
  return { files, model, mutated: [...files.keys()].filter((name) => !name.endsWith('.layerglass.json')) };
}

function withInput(model: string, path: string): Subject {
  const name = `input-${basename(path)}`;
  const files = new Map([
    ['toy.keras', model],
    [name, path],
  ]);
  return { files, model: 'toy.keras', input: name, mutated: [name] };
}

/** The sidecar is made up when it is needed: it has no file. */
function withSidecar(model: string): Subject {
  const files = new Map([['toy.keras', model]]);
  return { files, model: 'toy.keras', mutated: ['toy.keras.layerglass.json'] };
}

export const SIDECAR = JSON.stringify({
  preprocessing: { name: 'custom', mean: [1, 2, 3], scale: [2] },
  labels: ['cat', 'dog'],
  lastInputs: [
    { kind: 'file', path: 'x.npy', member: 'a' },
    { kind: 'random', seed: 3 },
  ],
});
