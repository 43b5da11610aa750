import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Random } from './random';

/** A model with its files, or a model with files that it is run on; one of `mutated` is changed. */
export interface Subject {
  /** Source by path inside a folder of its own. */
  readonly files: ReadonlyMap<string, string>;
  /** Texts of files that are in no folder of the project. */
  readonly made?: ReadonlyMap<string, string>;
  readonly model: string;
  /** What the model is run on, one for each of its inputs; those left out are random. */
  readonly inputs: readonly SubjectInput[];
  readonly mutated: readonly string[];
}

export interface SubjectInput {
  readonly file: string;
  /** Name of an array inside an npz. */
  readonly member?: string;
}

/** Subjects of one kind, tried as often as its weight among the others says. */
interface Family {
  readonly name: string;
  readonly weight: number;
  readonly subjects: readonly Subject[];
}

const MAX_BYTES = 150_000;

export class Corpus {
  private readonly families: readonly Family[];

  /**
   * @param root the project's folder.
   * @param only names of families; all by default.
   */
  constructor(root: string, only?: readonly string[]) {
    this.families = families(root).filter(({ name }) => only?.includes(name) ?? true);
    const empty = this.families.filter(({ subjects }) => subjects.length === 0);
    if (empty.length > 0) throw new Error(`no files for ${empty.map(({ name }) => name).join(', ')}`);
  }

  pick(random: Random): { family: string; subject: Subject } {
    const total = this.families.reduce((sum, { weight }) => sum + weight, 0);
    let at = random.below(total);
    for (const { name, weight, subjects } of this.families) {
      if (at < weight) return { family: name, subject: random.pick(subjects) };
      at -= weight;
    }
    throw new RangeError('no family was picked');
  }
}

function families(root: string): Family[] {
  const fixtures = join(root, 'test/fixtures');
  const samples = join(root, 'samples');
  const all = filesBelow(fixtures).filter((path) => statSync(path).size <= MAX_BYTES);
  const ending = (pattern: RegExp): string[] => all.filter((path) => pattern.test(path));
  const toy = join(fixtures, 'golden/toy.keras');
  const motif = join(samples, '1-sequence/motif.keras');
  const volume = join(fixtures, 'volume/first.keras');
  const scores = join(samples, '5-sigmoid/scores.keras');
  const images = ending(/\.(png|jpe?g|webp|bmp)$/);
  return [
    { name: 'keras', weight: 26, subjects: ending(/\.keras$/).map((path) => single(path)) },
    {
      name: 'keras with its arrays',
      weight: 8,
      subjects: ending(/\.keras$/)
        .filter(isWithArrays)
        .map(withArrays),
    },
    {
      name: 'hdf5',
      weight: 15,
      subjects: ending(/\.(h5|hdf5)$/)
        .filter((path) => !path.endsWith('.weights.h5'))
        .map((path) => single(path)),
    },
    {
      name: 'layers model',
      weight: 11,
      subjects: [
        folder(join(samples, '3-binary/spot'), 'model.json'),
        ...ending(/model\.json$/)
          .filter((path) => !/graph_models|pieces/.test(path))
          .map((path) => folder(dirname(path), 'model.json')),
      ],
    },
    {
      name: 'graph model',
      weight: 12,
      subjects: ending(/graph_models\/.*\.json$/)
        .map(withShards)
        .filter((subject) => subject !== null),
    },
    {
      name: 'saved model',
      weight: 12,
      subjects: ending(/saved_model\.pb$/).map((path) => folder(dirname(path), 'saved_model.pb')),
    },
    {
      name: 'pieces',
      weight: 4,
      subjects: [
        folder(join(fixtures, 'pieces/apart'), 'pieces.json'),
        folder(join(fixtures, 'pieces/folder/pieces'), 'config.json'),
        folder(join(fixtures, 'pieces/keras2'), 'architecture.json'),
        folder(join(fixtures, 'pieces/sharded'), 'model.json'),
      ],
    },
    { name: 'image', weight: 5, subjects: images.map((path) => single(toy, [{ path }])) },
    {
      name: 'array',
      weight: 3,
      subjects: [
        ...ending(/golden\/.*\.npy$/).map((path) => single(toy, [{ path }])),
        single(volume, [{ path: join(fixtures, 'volume/first.npy') }]),
        single(motif, [{ path: join(samples, '1-sequence/with-motif.npy') }]),
        single(scores, [{ path: join(samples, '5-sigmoid/patients.npz'), member: 'sure' }]),
        single(scores, [{ path: join(samples, '5-sigmoid/malignant.npy') }]),
      ],
    },
    {
      name: 'text',
      weight: 2,
      subjects: [
        single(join(samples, '6-text/review.keras'), [{ path: join(samples, '6-text/not-good.txt') }]),
        single(join(samples, '7-table/prices.keras'), [{ path: join(samples, '7-table/houses.csv') }]),
        single(join(samples, '7-table/prices.keras'), [
          { path: join(samples, '7-table/houses.csv'), member: '3' },
        ]),
        single(motif, [{ path: join(samples, '1-sequence/with-motif.fasta') }]),
        single(join(fixtures, 'keras_2_zips/text_2_13.keras'), [
          { path: join(samples, '1-sequence/with-motif.fasta') },
        ]),
        single(join(samples, '9-two-inputs/plates.keras'), [
          { path: join(samples, '9-two-inputs/cracked.png') },
          { path: join(samples, '9-two-inputs/shaking.csv') },
        ]),
        ...MADE_INPUTS.map(([name, text]) => withMade(join(samples, '7-table/prices.keras'), name, text)),
        withMade(join(samples, '6-text/review.keras'), 'words.json', '["it was not good"]'),
        withMade(motif, 'letters.txt', '0 1 0 0\n1 0 0 0\n'),
      ],
    },
    {
      name: 'sidecar',
      weight: 3,
      subjects: [
        withSidecar(toy, SIDECAR),
        withSidecar(motif, SEQUENCE_SIDECAR, join(samples, '1-sequence/with-motif.fasta')),
        withSidecar(
          join(samples, '7-table/prices.keras'),
          TABLE_SIDECAR,
          join(samples, '7-table/houses.csv'),
        ),
      ],
    },
  ];
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** A model of one file, which is changed, or, with inputs, these. */
function single(path: string, inputs: readonly { path: string; member?: string }[] = []): Subject {
  const model = basename(path);
  const named = inputs.map(({ path, ...rest }) => ({ path, file: `input-${basename(path)}`, ...rest }));
  const files = new Map([[model, path], ...named.map((input): [string, string] => [input.file, input.path])]);
  return {
    files,
    model,
    inputs: named.map(({ path, ...rest }) => rest),
    mutated: inputs.length > 0 ? named.map(({ file }) => file) : [model],
  };
}

const isWithArrays = (path: string): boolean => existsSync(arraysOf(path));
const arraysOf = (path: string): string => path.replace(/\.keras$/, '.npz');

/** A layer with the inputs that Keras was given: `input.0`, `input.1`, ... */
function withArrays(path: string): Subject {
  const file = basename(arraysOf(path));
  const model = basename(path);
  const files = new Map([
    [model, path],
    [file, arraysOf(path)],
  ]);
  const inputs = [0, 1, 2, 3].map((i) => ({ file, member: `input.${i}` }));
  return { files, model, inputs, mutated: [model, model, file] };
}

function withShards(path: string): Subject | null {
  const { weightsManifest = [] } = JSON.parse(readFileSync(path, 'utf8'));
  const shards: unknown[] = weightsManifest.flatMap((group: { paths?: unknown[] }) => group.paths ?? []);
  const names = shards.filter((name) => typeof name === 'string');
  if (names.length === 0) return null;
  const files = new Map([
    ['model.json', path],
    ...names.map((name): [string, string] => [name, join(dirname(path), name)]),
  ]);
  return { files, model: 'model.json', inputs: [], mutated: ['model.json', 'model.json', ...names] };
}

/** Every file of a folder may be changed, the model itself as often as all others together. */
function folder(from: string, model: string): Subject {
  const files = new Map(filesBelow(from).map((path) => [relative(from, path), path]));
  const others = [...files.keys()].filter((name) => name !== model && !name.endsWith('.layerglass.json'));
  return { files, model, inputs: [], mutated: [model, ...others.slice(1).map(() => model), ...others] };
}

/** Of a model whose settings file, or an input, is made up. */
function withSidecar(path: string, sidecar: string, input?: string): Subject {
  const subject = single(path, input === undefined ? [] : [{ path: input }]);
  const name = `${subject.model}.layerglass.json`;
  return { ...subject, made: new Map([[name, sidecar]]), mutated: [name] };
}

function withMade(path: string, input: string, text: string): Subject {
  return { ...single(path), made: new Map([[input, text]]), inputs: [{ file: input }], mutated: [input] };
}

const COLUMNS = [
  ...['area_m2', 'rooms', 'age_years', 'garden_m2', 'station_km', 'noise_db', 'house_number'],
  'agent_fee_percent',
];
const ROW = Object.fromEntries(COLUMNS.map((name, i) => [name, i + 0.5]));

const MADE_INPUTS: readonly (readonly [string, string])[] = [
  ['row.json', JSON.stringify(ROW)],
  ['rows.json', JSON.stringify([ROW, ROW, ROW])],
  ['numbers.json', JSON.stringify([COLUMNS.map((_, i) => i)])],
  ['numbers.txt', '1 2 3\n4, 5, 6; 7 8e0\n'],
  ['semicolons.csv', `${COLUMNS.join(';')}\n1;2;3;4;5;6;7;8\n"1";"2";3;4;5;6;7;nan\n`],
  ['tabs.tsv', `${COLUMNS.join('\t')}\n1\t2\t3\t4\t5\t6\t7\t8\n`],
];

const SIDECAR = JSON.stringify({
  preprocessing: { name: 'custom', mean: [1, 2, 3], scale: [2] },
  labels: ['cat', 'dog'],
  lastInputs: [
    { kind: 'file', path: 'x.npy', member: 'a' },
    { kind: 'random', seed: 3 },
  ],
});
const SEQUENCE_SIDECAR = JSON.stringify({ labels: ['no CG', 'CG planted'], alphabet: 'ACGT' });
const TABLE_SIDECAR = JSON.stringify({ preprocessing: { name: 'none' }, columns: COLUMNS });
