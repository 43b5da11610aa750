import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { InputSource } from '../../src/shared/inputs';
import type { BackendName } from '../../src/shared/model';
import { Corpus, type Subject } from './corpus';
import { enlargeFile } from './enlargeFile';
import { Broken, FuzzSession, type Memory, type Play, type Refused } from './fuzzSession';
import { mutateFile } from './mutateFile';
import { OPTION_FILE } from './optionFiles';
import type { Question } from './questions';
import { Random } from './random';

/** Families of models in JSON, which needs no place for a longer number. */
const ENLARGED = ['keras', 'layers model', 'graph model'];
/** Every so many files the model that was opened first must answer what it answered first. */
const CHECK_OTHERS_EVERY = 25;

export interface FuzzOptions {
  /** The project's folder, with fixtures and `dist/`. */
  readonly root: string;
  readonly backend: BackendName;
  readonly seed: number;
  /** The first file and how many. */
  readonly from?: number;
  readonly count: number;
  /** Models with one or two numbers of a million and more, in place of other changes. */
  readonly enlarge?: boolean;
  /** Where files that broke a promise are kept. */
  readonly findings: string;
  report?(done: number, findings: readonly Finding[], memory: Memory): void;
}

export interface Finding {
  readonly file: number;
  readonly what: string;
  /** The mutated files. */
  readonly kept: string;
}

export interface FamilyTotals {
  tried: number;
  opened: number;
  explained: number;
}

export interface FuzzResult {
  readonly findings: readonly Finding[];
  readonly families: ReadonlyMap<string, FamilyTotals>;
  /** How often a request was refused with which kind of error, and with what first. */
  readonly refused: ReadonlyMap<string, { readonly times: number; readonly first: string }>;
  /** What a kernel refused: allowed, but better said by whoever reads the file. */
  readonly byKernels: readonly { readonly file: number; readonly message: string }[];
  /** Of the resident sets, in bytes. */
  readonly peak: { readonly server: number; readonly compute: number };
}

/**
 * Opens `count` mutated files one after the other in one server, and looks whether every promise holds: each request is
 * answered within ten seconds with a result or a sentence, no process ends, memory keeps its bounds, and another model that
 * is open goes on. File number i is the same for the same seed, whatever was before it.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { root, backend, seed, from = 0, count, enlarge = false } = options;
  const corpus = new Corpus(root, enlarge ? ENLARGED : undefined);
  const findings: Finding[] = [];
  const families = new Map<string, FamilyTotals>();
  const refused = new Map<string, { times: number; first: string }>();
  const byKernels: { file: number; message: string }[] = [];
  let memory = NOTHING;
  const peak = { server: 0, compute: 0 };
  const look = async (): Promise<void> => {
    memory = await session.check();
    peak.server = Math.max(peak.server, memory.server.peak);
    peak.compute = Math.max(peak.compute, memory.compute.peak);
  };
  const work = join(options.findings, `work-${process.pid}`);
  const prepare = (file: number): Prepared => {
    const random = new Random(seed * 1_000_003 + file);
    const { family, subject } = corpus.pick(random);
    const folder = join(work, String(file));
    return { random, family, folder, play: layOut(subject, folder, random, enlarge) };
  };
  let session = await FuzzSession.start(root, backend);
  let next = prepare(from);
  for (let file = from; file < from + count; file++) {
    const { random, family, folder, play } = next;
    const totals = families.get(family) ?? { tried: 0, opened: 0, explained: 0 };
    families.set(family, totals);
    try {
      const playing = session.play(play, random);
      // Looked at below; until then a rejection has a handler.
      playing.catch(() => {});
      // The next file is made while the server works on this one.
      await setImmediate();
      next = prepare(file + 1);
      const played = await playing;
      totals.tried++;
      totals.opened += Number(played.opened);
      totals.explained += Number(played.explained);
      for (const { what, message } of played.refused) {
        const { times, first } = refused.get(what) ?? { times: 0, first: message };
        refused.set(what, { times: times + 1, first });
        if (what.endsWith(': backend')) byKernels.push({ file, message });
      }
      if (file % CHECK_OTHERS_EVERY === 0) await look();
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown;
      const kept = join(options.findings, `${seed}-${file}`);
      rmSync(kept, { recursive: true, force: true });
      const again = new Random(seed * 1_000_003 + file);
      const files = layOut(corpus.pick(again).subject, kept, again, enlarge);
      writeFileSync(join(kept, WHAT), `${thrown.message}\n`);
      writeFileSync(join(kept, PLAY), JSON.stringify(files));
      for (const name of readdirSync(folder).filter((each) => each.startsWith(OPTION_FILE)))
        copyFileSync(join(folder, name), join(kept, name));
      writeFileSync(join(kept, SENT), JSON.stringify(session.sent).replaceAll(inJson(folder), inJson(kept)));
      findings.push({ file, what: thrown.message, kept });
      session.kill();
      session = await FuzzSession.start(root, backend);
    }
    rmSync(folder, { recursive: true, force: true });
    options.report?.(file - from + 1, findings, memory);
  }
  await look();
  await session.stop();
  rmSync(work, { recursive: true, force: true });
  return { findings, families, refused, byKernels, peak };
}

interface Prepared {
  /** After the choices for the files: those for what is asked. */
  readonly random: Random;
  readonly family: string;
  readonly folder: string;
  readonly play: Play;
}

const WHAT = 'what.txt';
const PLAY = 'play.json';
const SENT = 'sent.json';

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/**
 * Asks of the files of a finding what was asked when it was made, then everything else.
 * @returns what was refused, and what was promised and not kept, if anything.
 */
export async function fuzzAgain(
  root: string,
  backend: FuzzOptions['backend'],
  kept: string,
): Promise<{ readonly refused: readonly Refused[]; readonly broken: string | null }> {
  const play: Play = JSON.parse(readFileSync(join(kept, PLAY), 'utf8'));
  const sent = join(kept, SENT);
  const before: Question[] = existsSync(sent) ? JSON.parse(readFileSync(sent, 'utf8')) : [];
  const session = await FuzzSession.start(root, backend);
  try {
    return { refused: await session.playAll(play, before), broken: null };
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown;
    return { refused: [], broken: thrown.message };
  } finally {
    session.kill();
  }
}

const NOTHING: Memory = { server: { now: 0, peak: 0 }, compute: { now: 0, peak: 0 } };

/** Copies the files of a subject, one of them changed. */
function layOut(subject: Subject, folder: string, random: Random, enlarge: boolean): Play {
  const mutated = enlarge ? subject.model : random.pick(subject.mutated);
  const rounds = enlarge ? 1 : random.pick([1, 1, 1, 2, 3]);
  const write = (name: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  const read = (name: string): Buffer => {
    const source = subject.files.get(name);
    return source === undefined ? Buffer.from(subject.made?.get(name) ?? '') : readFileSync(source);
  };
  for (const name of [...subject.files.keys(), ...(subject.made?.keys() ?? [])])
    if (name !== mutated) write(name, read(name));
  let bytes = read(mutated);
  for (let i = 0; i < rounds; i++) bytes = (enlarge ? enlargeFile : mutateFile)(mutated, bytes, random);
  write(mutated, bytes);
  return {
    model: join(folder, subject.model),
    inputs: subject.inputs.map(
      ({ file, member }): InputSource => ({
        ...{ kind: 'file', path: join(folder, file) },
        ...(member === undefined ? {} : { member }),
      }),
    ),
  };
}
