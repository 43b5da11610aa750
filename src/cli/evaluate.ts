import { existsSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type EvaluatedMap, evaluateRun } from '../server/answers/evaluation';
import type { MapFigures } from '../server/explain/trust/figures';
import { samplesIn } from '../server/inputs/arrays/samples';
import { listFolder } from '../server/io/openFile';
import { NO_CONTROL } from '../server/run/control';
import { type OpenModel, settingsFile } from '../server/session/openModels';
import type { Session } from '../server/session/session';
import { readSidecar } from '../server/session/sidecar';
import { fail, toError } from '../shared/errors';
import type { InputSource } from '../shared/inputs';
import { METHOD_IDS, type MethodId } from '../shared/methods';
import { ARRAY_FILES, FASTA_FILES, IMAGE_FILES, TABLE_FILES, TEXT_FILES } from '../shared/sources/inputFiles';
import { visible } from '../shared/text';
import { addRunOptions, type ModelRunOptions, preprocessingOf } from './modelRun';
import { modelArgument } from './options';
import { printJson, printLines } from './output';
import { type OpenSession, openModel } from './session';

type Evaluated = MethodId | 'random';

interface EvaluateOptions extends Omit<ModelRunOptions, 'input' | 'output'> {
  readonly input: string;
  readonly method: readonly Evaluated[];
  readonly limit?: number;
}

/** One input of the model, as one source per input. */
interface Sample {
  readonly name: string;
  readonly sources: readonly InputSource[];
}

/** Means over the inputs. */
interface MethodRow extends MapFigures {
  readonly method: Evaluated;
  readonly seconds: number | null;
}

interface FailedRow {
  readonly input: string;
  /** Null where the input could not be read or run at all. */
  readonly method: Evaluated | null;
  readonly reason: string;
}

const FIGURES = [
  'insertionAuc',
  'deletionAuc',
  'averageDrop',
  'increase',
  'faithfulness',
  'sensitivity',
  'randomisation',
  'seconds',
] as const satisfies readonly (keyof EvaluatedMap)[];

const READABLE: ReadonlySet<string> = new Set(
  [...IMAGE_FILES, ...ARRAY_FILES, ...FASTA_FILES, ...TABLE_FILES, ...TEXT_FILES].map((name) => `.${name}`),
);

export function evaluateCommand(openSession: OpenSession): Command {
  const command = new Command('evaluate')
    .description(
      'Measure explanation methods on many inputs: means over all of them, with a random map as the floor.',
    )
    .addArgument(modelArgument())
    .requiredOption(
      '--input <dir>',
      'a folder of inputs, or an .npz file with the samples along the first axis (name an array with file.npz#array)',
    )
    .addOption(
      new Option('--method <methods>', 'the methods to measure, separated by commas')
        .argParser(methods)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--limit <count>', 'use only the first inputs').argParser(positive));
  return addRunOptions(command).action((model: string, options: EvaluateOptions) =>
    evaluate(openSession(options), model, options),
  );
}

function methods(list: string): Evaluated[] {
  const known: readonly string[] = [...METHOD_IDS, 'random'];
  const names = [...new Set(list.split(',').map((name) => name.trim()))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no method "${unknown}". Allowed are ${known.join(', ')}.`);
  return METHOD_IDS.filter((id) => names.includes(id));
}

function positive(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(value);
}

async function evaluate(session: Session, model: string, options: EvaluateOptions): Promise<void> {
  const opened = await openModel(session, model, options);
  const preprocessing = preprocessingOf(opened, options, readSidecar(settingsFile(opened)));
  const samples = (await samplesOf(opened, options.input)).slice(0, options.limit);
  const wanted: readonly Evaluated[] = [...options.method, 'random'];
  const found = new Map<Evaluated, EvaluatedMap[]>(wanted.map((method) => [method, []]));
  const failures: FailedRow[] = [];
  const insist = options.costly ?? false;
  let n = 0;
  for (const [i, { name, sources }] of samples.entries()) {
    try {
      await session.run(
        opened.id,
        sources,
        preprocessing,
        NO_CONTROL,
        async (run) => {
          for (const method of wanted) {
            process.stderr.write(`${i + 1} of ${samples.length}: ${visible(name)}, ${method}\n`);
            try {
              found.get(method)?.push(await evaluateRun(run, method, NO_CONTROL, { seed: i + 1, insist }));
            } catch (thrown) {
              failures.push({ input: name, method, reason: reasonOf(thrown) });
            }
          }
        },
        { preprocessArrays: options.preprocess !== undefined, insist },
      );
      n++;
    } catch (thrown) {
      failures.push({ input: name, method: null, reason: reasonOf(thrown) });
    }
  }
  const [first] = failures;
  if (n === 0 && first !== undefined)
    fail('bad-input', `No input of ${basename(options.input)} can be run: ${first.reason}`, {
      subject: options.input,
      remedy: 'Give a folder that itself holds inputs of this model, or an .npz file.',
    });
  const rows = wanted.map((method) => rowOf(method, found.get(method) ?? []));
  if (options.json) printJson({ n, methods: rows, failures });
  else printLines(lines(n, rows, failures));
}

/** @throws what must end the command: a failure that no other input could escape. */
function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  if (error.kind === 'cancelled' || error.kind === 'compute-ended') throw thrown;
  return error.message;
}

async function samplesOf(model: OpenModel, input: string): Promise<Sample[]> {
  const { inputs } = model.graph.summary;
  const [, path = input, member] = /^(.*\.npz)(?:#(.+))?$/i.exec(input) ?? [];
  if (/\.npz$/i.test(path)) {
    const [first] = inputs;
    if (first === undefined) return failNoInputs(model.path);
    const count = await samplesIn(path, member, first);
    return Array.from({ length: count }, (_, sample) => ({
      name: `${basename(path)}[${sample}]`,
      sources: inputs.map(() => ({ kind: 'file', path, sample, ...(member && { member }) })),
    }));
  }
  if (inputs.length !== 1)
    return fail(
      'bad-input',
      `${basename(model.path)} takes ${inputs.length} inputs, and a file of a folder is one.`,
      {
        subject: input,
        remedy: 'Give an .npz file with one array for each input, named like it.',
      },
    );
  const names = filesIn(input);
  if (names.length === 0)
    return fail('bad-input', `${basename(input)} contains no file that could be an input.`, {
      subject: input,
      remedy: 'Choose a folder of images, arrays, FASTA files, tables or texts.',
    });
  return names.map((name) => ({ name, sources: [{ kind: 'file', path: join(input, name) }] }));
}

const failNoInputs = (path: string): never =>
  fail('not-applicable', `${basename(path)} takes no inputs, so there is nothing to explain.`, {
    subject: path,
  });

/** Files whose names are those of inputs, in order. @throws Failure `file-not-found` */
function filesIn(folder: string): string[] {
  if (!existsSync(folder))
    return fail('file-not-found', `${folder} does not exist.`, {
      subject: folder,
      remedy: 'Give a folder of inputs or an .npz file.',
    });
  return listFolder(folder)
    .filter((name) => READABLE.has(extname(name).toLowerCase()))
    .sort();
}

function rowOf(method: Evaluated, maps: readonly EvaluatedMap[]): MethodRow {
  const mean = (of: (map: EvaluatedMap) => number | null): number | null => {
    const values = maps.flatMap((map) => of(map) ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    method,
    insertionAuc: mean((map) => map.insertionAuc),
    deletionAuc: mean((map) => map.deletionAuc),
    averageDrop: mean((map) => map.averageDrop),
    increase: mean((map) => map.increase),
    faithfulness: mean((map) => map.faithfulness),
    sensitivity: mean((map) => map.sensitivity),
    randomisation: mean((map) => map.randomisation),
    seconds: mean((map) => map.seconds),
  };
}

function lines(n: number, rows: readonly MethodRow[], failures: readonly FailedRow[]): string[] {
  const width = Math.max(...rows.map(({ method }) => method.length));
  return [
    `${n} ${n === 1 ? 'input' : 'inputs'}`,
    ['method'.padEnd(width), ...FIGURES.map((name) => name.padStart(13))].join(' '),
    ...rows.map((row) =>
      [row.method.padEnd(width), ...FIGURES.map((name) => (row[name]?.toFixed(3) ?? '-').padStart(13))].join(
        ' ',
      ),
    ),
    ...failures.map(({ input, method, reason }) =>
      visible(`${input}${method === null ? '' : `, ${method}`}: ${reason}`),
    ),
  ];
}
