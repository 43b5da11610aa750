import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LayerglassError, Result } from '../../src/shared/errors';
import type { RunParams } from '../../src/shared/protocol';
import * as protocol from '../../src/shared/protocol';
import { type ServerProcess, startServer } from '../server/serverProcess';
import { corpus, SIDECAR, type Subject } from './corpus';
import { mutateFile } from './mutateFile';
import { childrenOf, memoryOf } from './processes';
import { Random } from './random';

const ANSWER_LIMIT_MS = 10_000;
/** Of the server, which opens files, and of its compute process, which runs them. */
const SERVER_BYTES = 1.5 * 2 ** 30;
const COMPUTE_GIB = 1.5;
/** A guard looks five times a second. */
const COMPUTE_SLACK = 0.75 * 2 ** 30;
/** Every so many files the model that was opened first must answer what it answered first. */
const CHECK_OTHERS_EVERY = 25;

export interface FuzzOptions {
  /** The project's folder, with fixtures and `dist/`. */
  readonly root: string;
  readonly backend: 'wasm' | 'native' | 'cpu';
  readonly seed: number;
  readonly count: number;
  /** Where files that broke a promise are kept. */
  readonly findings: string;
  report?(done: number, findings: number): void;
}

export interface Finding {
  readonly file: number;
  readonly what: string;
  /** The mutated files. */
  readonly kept: string;
}

export interface FuzzResult {
  readonly findings: readonly Finding[];
  /** How many files opened all the same, and how many of those were run. */
  readonly opened: number;
  readonly answered: number;
  readonly peakServer: number;
  readonly peakCompute: number;
}

class Broken extends Error {}

/**
 * Opens `count` mutated files one after the other in one server, and looks whether every promise holds: each request is
 * answered within ten seconds with a result or a sentence, no process ends, memory keeps its bounds, and another model that
 * is open goes on. File number i is the same for the same seed, whatever was before it.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { root, seed, count } = options;
  const subjects = corpus(root);
  const findings: Finding[] = [];
  const totals = { opened: 0, answered: 0, peakServer: 0, peakCompute: 0 };
  const work = join(options.findings, `work-${process.pid}`);
  let session = await FuzzSession.start(options);
  for (let file = 0; file < count; file++) {
    const random = new Random(seed * 1_000_003 + file);
    rmSync(work, { recursive: true, force: true });
    const subject = random.pick(subjects);
    const { model, input } = layOut(subject, work, random);
    try {
      const { opened, answered } = await session.play(model, input, random);
      totals.opened += Number(opened);
      totals.answered += Number(answered);
      if (file % CHECK_OTHERS_EVERY === 0) await session.check(totals);
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown;
      const kept = join(options.findings, `${seed}-${file}`);
      rmSync(kept, { recursive: true, force: true });
      layOut(subject, kept, againFrom(seed, file, subjects.length));
      writeFileSync(join(kept, 'what.txt'), `${thrown.message}\n`);
      findings.push({ file, what: thrown.message, kept });
      await session.kill();
      session = await FuzzSession.start(options);
    }
    options.report?.(file + 1, findings.length);
  }
  await session.check(totals);
  await session.stop();
  rmSync(work, { recursive: true, force: true });
  return { findings, ...totals };
}

/** The choices for a file once more, after the one that chose its subject. */
function againFrom(seed: number, file: number, subjects: number): Random {
  const random = new Random(seed * 1_000_003 + file);
  random.below(subjects);
  return random;
}

/** Copies the files of a subject, one of them changed. */
function layOut(subject: Subject, folder: string, random: Random): { model: string; input: string | null } {
  const mutated = random.pick(subject.mutated);
  const rounds = random.pick([1, 1, 1, 2, 3]);
  const write = (name: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  for (const [name, source] of subject.files) if (name !== mutated) write(name, readFileSync(source));
  const source = subject.files.get(mutated);
  let bytes: Buffer = source === undefined ? Buffer.from(SIDECAR) : readFileSync(source);
  for (let i = 0; i < rounds; i++) bytes = mutateFile(mutated, bytes, random);
  write(mutated, bytes);
  return {
    model: join(folder, subject.model),
    input: subject.input === undefined ? null : join(folder, subject.input),
  };
}

/** One server with a model that must not be lost. */
class FuzzSession {
  private isGone = false;

  private constructor(
    private readonly server: ServerProcess,
    private readonly other: string,
    private readonly expected: string,
  ) {
    server.process.once('exit', () => {
      this.isGone = true;
    });
  }

  static async start({ root, backend }: FuzzOptions): Promise<FuzzSession> {
    const server = await startServer(join(root, 'dist/server.js'), { backend, memoryLimit: COMPUTE_GIB });
    const opened = await server.ask(protocol.openModel, {
      path: join(root, 'test/fixtures/golden/toy.keras'),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    const session = new FuzzSession(server, opened.value.modelId, '');
    return new FuzzSession(server, opened.value.modelId, await session.explainOther());
  }

  /** Everything that a page would ask of the model. @throws Broken */
  async play(
    path: string,
    input: string | null,
    random: Random,
  ): Promise<{ opened: boolean; answered: boolean }> {
    const opened = await this.ask('openModel', protocol.openModel, { path });
    if (!opened.ok) return { opened: false, answered: false };
    const { modelId, summary, defaultPreprocessing: preprocessing } = opened.value;
    const inputs = summary.inputs.map((_, i) =>
      input !== null && i === 0
        ? ({ kind: 'file', path: input } as const)
        : ({ kind: 'random', seed: 1 } as const),
    );
    const run: RunParams = { modelId, inputs, preprocessing };
    const layer = summary.layers[random.below(Math.max(1, summary.layers.length))]?.path ?? 'none';
    const method = random.pick(['grad-cam', 'saliency', 'guided-grad-cam'] as const);
    const explained = await this.ask('explain', protocol.explain, {
      ...{ ...run, method, layer: 'auto', target: { index: 'auto' } },
    });
    await this.ask('layerValues', protocol.layerValues, { ...run, layer });
    await this.ask('channelTiles', protocol.channelTiles, {
      ...{ ...run, layer, stage: 'post', from: 0, count: 4, colourMap: 'viridis' },
    });
    await this.ask('explainableLayers', protocol.explainableLayers, { modelId });
    await this.ask('readSidecar', protocol.readSidecar, { modelId });
    if (path.endsWith('.json')) await this.ask('locateLayer', protocol.locateLayer, { path, layer });
    await this.ask('closeModel', protocol.closeModel, { modelId });
    return { opened: true, answered: explained.ok };
  }

  /** That the first model answers as before and that memory keeps its bounds. @throws Broken */
  async check(peaks: { peakServer: number; peakCompute: number }): Promise<void> {
    if ((await this.explainOther()) !== this.expected) throw new Broken('another model answers differently');
    const { pid } = this.server.process;
    const server = memoryOf(pid);
    const compute = Math.max(0, ...childrenOf(pid).map(memoryOf));
    peaks.peakServer = Math.max(peaks.peakServer, server);
    peaks.peakCompute = Math.max(peaks.peakCompute, compute);
    if (server > SERVER_BYTES) throw new Broken(`the server took ${server} bytes`);
    if (compute > COMPUTE_GIB * 2 ** 30 + COMPUTE_SLACK)
      throw new Broken(`the compute process took ${compute} bytes`);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async kill(): Promise<void> {
    this.server.connection.dispose();
    this.server.process.kill('SIGKILL');
  }

  private async explainOther(): Promise<string> {
    const explained = await this.ask('explain (the other model)', protocol.explain, {
      ...{ modelId: this.other, inputs: [{ kind: 'random', seed: 7 }], preprocessing: { name: 'none' } },
      ...{ method: 'grad-cam', layer: 'auto', target: { index: 'auto' } },
    } as const);
    if (!explained.ok) throw new Broken(`another model was lost: ${explained.error.message}`);
    return explained.value.rawMap.data;
  }

  private async ask<Params extends object, Value>(
    name: string,
    type: protocol.RequestType<Params, Value>,
    params: Params,
  ): Promise<Result<Value>> {
    if (this.isGone) throw new Broken(`${name}: the server is gone`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Broken(`${name}: no answer in ${ANSWER_LIMIT_MS} ms`)),
        ANSWER_LIMIT_MS,
      );
    });
    const answered = this.server.ask(type, params).catch((error: Error) => {
      throw new Broken(`${name}: ${error.message} ${this.server.errors().slice(-2000)}`);
    });
    try {
      const result = await Promise.race([answered, late]);
      if (!result.ok) this.checkError(name, result.error);
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  private checkError(name: string, { kind, message }: LayerglassError): void {
    if (kind === 'internal' || kind === 'compute-ended') throw new Broken(`${name}: ${kind}: ${message}`);
    if (!/^[^\n]{3,4000}[.?!…]$/u.test(message)) throw new Broken(`${name}: not a sentence: ${message}`);
  }
}
