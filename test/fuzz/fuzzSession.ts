import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorKind, LayerglassError, Result } from '../../src/shared/errors';
import type { Explanation } from '../../src/shared/explanation';
import type { InputSource } from '../../src/shared/inputs';
import { defaultMethod, METHOD_IDS, type MethodId } from '../../src/shared/methods';
import type { BackendName } from '../../src/shared/model';
import type { OpenedModel, RunParams } from '../../src/shared/protocol';
import * as protocol from '../../src/shared/protocol';
import { unpackNumbers } from '../../src/shared/wireNumbers';
import { type ServerProcess, startServer } from '../server/serverProcess';
import { randomLayer } from './choices';
import { OPTION_FILE, writeOptionFiles } from './optionFiles';
import { childrenOf, memoryOf, processorTimeOf, type Resident } from './processes';
import {
  everyQuestion,
  explainQuestion,
  furtherQuestions,
  mainQuestion,
  type Question,
  question,
} from './questions';
import type { Random } from './random';

/** Of processor time, so that a busy machine is no finding; where the system does not say, and for what only waits, see below. */
const ANSWER_LIMIT_MS = 10_000;
/** Without any: a process that waits for something that never comes takes none, and one of a busy machine takes a little. */
const WAITING_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 1000;
/** Of the server, which opens files, and of its compute process, which runs them. */
const SERVER_BYTES = 1.5 * 2 ** 30;
const COMPUTE_GIB = 1.5;
/** A guard looks five times a second. */
const COMPUTE_SLACK = 0.75 * 2 ** 30;
/** What the server logs about something that nobody foresaw. */
const UNFORESEEN = /failed unexpectedly|Unhandled/i;
const HOVER = 'hover';
const RANDOM_INPUT: InputSource = { kind: 'random', seed: 1 };
/** Where no layer has an extent, which Grad-CAM needs. */
const ANY_METHODS = [...METHOD_IDS, ...new Array<MethodId>(7).fill(defaultMethod(false))];

/** Refusals of an explanation whose run was made. */
const AFTER_A_RUN: ReadonlySet<ErrorKind> = new Set([
  ...(['unknown-layer', 'not-applicable', 'no-such-target', 'no-such-layer', 'backend'] as const),
]);

/** A promise that was not kept. */
export class Broken extends Error {}

export interface Played {
  readonly opened: boolean;
  readonly explained: boolean;
  /** What was not answered with a result. */
  readonly refused: readonly Refused[];
}

export interface Refused {
  /** `request: kind`. */
  readonly what: string;
  readonly message: string;
}

export interface Memory {
  readonly server: Resident;
  readonly compute: Resident;
}

/** A model and what it is run on, one source for each input; those left out are random. */
export interface Play {
  readonly model: string;
  readonly inputs: readonly InputSource[];
}

/** One server with a model that must not be lost. */
export class FuzzSession {
  private isGone = false;
  private unforeseen: string | null = null;
  private refused: Refused[] = [];
  private expected = '';
  private documents = 0;
  private questions: Question[] = [];
  /** By process, the last that was seen. */
  private readonly processorTimes = new Map<number | undefined, number>();

  private constructor(
    private readonly server: ServerProcess,
    private readonly other: string,
  ) {
    server.process.once('exit', () => {
      this.isGone = true;
    });
    server.connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      if (UNFORESEEN.test(message)) this.unforeseen ??= message;
    });
  }

  /** @param root the project's folder, with fixtures and `dist/`. */
  static async start(root: string, backend: BackendName): Promise<FuzzSession> {
    const server = await startServer(join(root, 'dist/server.js'), { backend, memoryLimit: COMPUTE_GIB });
    const opened = await server.request(protocol.openModel, {
      path: join(root, 'test/fixtures/golden/toy.keras'),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    const status = await server.request(protocol.backendStatus, {});
    if (!status.ok || status.value.name !== backend) throw new Error(`${backend} did not start`);
    const session = new FuzzSession(server, opened.value.modelId);
    session.expected = await session.explainOther();
    return session;
  }

  /** The requests for the model that was played last, in their order. */
  get sent(): readonly Question[] {
    return this.questions;
  }

  /** What a page and an editor would ask of a model. @throws Broken */
  async play(play: Play, random: Random): Promise<Played> {
    this.refused = [];
    this.questions = [];
    if (random.chance(0.05)) await this.hover(play.model, random);
    const opened = await this.ask('openModel', protocol.openModel, { path: play.model });
    const explained = opened.ok && (await this.playOpened(opened.value, play, random));
    this.checkLog();
    return { opened: opened.ok, explained, refused: this.refused };
  }

  /**
   * What was asked when the finding was made, then everything that can be asked of a model. Breaks at the first broken promise.
   * @param before the requests of `sent`, with the paths of the files as they are now.
   * @throws Broken
   */
  async playAll({ model, inputs: given }: Play, before: readonly Question[]): Promise<readonly Refused[]> {
    this.refused = [];
    await this.replay(before);
    const opened = await this.ask('openModel', protocol.openModel, { path: model });
    if (opened.ok) {
      const inputs = opened.value.summary.inputs.map((_, i) => given[i] ?? RANDOM_INPUT);
      const folder = dirname(model);
      const optionFiles = ['groups', 'baseline']
        .map((what) => join(folder, `${OPTION_FILE}${what}.npy`))
        .filter((path) => existsSync(path));
      for (const each of everyQuestion(opened.value, inputs, folder, optionFiles)) await this.put(each);
    }
    this.checkLog();
    return this.refused;
  }

  private async replay(questions: readonly Question[]): Promise<void> {
    let modelId = '';
    for (const each of questions) {
      if (each.method === HOVER) await this.hoverAt(each);
      else {
        const result = await this.put({
          ...each,
          params: 'modelId' in each.params ? { ...each.params, modelId } : each.params,
        });
        if (result.ok && each.method === protocol.openModel.method)
          ({ modelId } = result.value as OpenedModel);
      }
    }
    this.checkLog();
  }

  /** That the first model answers as before and that memory keeps its bounds. @throws Broken */
  async check(): Promise<Memory> {
    if ((await this.explainOther()) !== this.expected) throw new Broken('another model answers differently');
    const { pid } = this.server.process;
    const [compute] = childrenOf(pid);
    const memory = { server: memoryOf(pid), compute: memoryOf(compute) };
    if (memory.server.peak > SERVER_BYTES) throw new Broken(`the server took ${memory.server.peak} bytes`);
    if (memory.compute.peak > COMPUTE_GIB * 2 ** 30 + COMPUTE_SLACK)
      throw new Broken(`the compute process took ${memory.compute.peak} bytes`);
    return memory;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  kill(): void {
    this.server.connection.dispose();
    this.server.process.kill('SIGKILL');
  }

  private async playOpened(
    opened: OpenedModel,
    { model: path, inputs: given }: Play,
    random: Random,
  ): Promise<boolean> {
    const { modelId, summary, layers, defaultPreprocessing: preprocessing } = opened;
    const inputs = summary.inputs.map((_, i) => given[i] ?? RANDOM_INPUT);
    const run: RunParams = { modelId, inputs, preprocessing };
    const layer = randomLayer(random, summary);
    let written: readonly string[] | null = null;
    const optionFiles = (): readonly string[] => {
      written ??= writeOptionFiles(summary, dirname(path), random);
      return written;
    };
    const methods = layers.defaultLayer === null ? ANY_METHODS : METHOD_IDS;
    const explain = mainQuestion(opened, run, methods, random, optionFiles);
    const explained = await this.put(explainQuestion(explain));
    // What was not run is refused once more with the same words.
    if (explained.ok || AFTER_A_RUN.has(explained.error.kind) || random.chance(0.1)) {
      await this.ask('layerValues', protocol.layerValues, { ...run, layer });
      await this.ask('channelTiles', protocol.channelTiles, {
        ...{ ...run, layer, stage: random.pick(['pre', 'post'] as const) },
        ...{ slice: 0, channels: [0, 1, 2, 3], side: 64 },
      });
      for (const each of furtherQuestions(opened, explain, path, random, optionFiles)) await this.put(each);
    }
    for (const [input, source] of given.entries())
      if (random.chance(0.2)) await this.ask('inputParts', protocol.inputParts, { modelId, input, source });
    await this.ask('readSidecar', protocol.readSidecar, { modelId });
    if (path.endsWith('.json')) await this.ask('locateLayer', protocol.locateLayer, { path, layer });
    if (random.chance(0.05)) {
      const files = { folder: dirname(path), base: 'map', colourMap: 'viridis', opacity: 0.5 } as const;
      const formats = ['map.png', 'overlay.png', 'side-by-side.png', 'svg', 'npy'] as const;
      await this.put({
        ...question('exportHeatMap', protocol.exportHeatMap, { ...explain, ...files, formats }),
        patience: explainQuestion(explain).patience,
      });
    }
    if (random.chance(0.05)) {
      const settings = { preprocessing, labels: ['cat'], lastInputs: inputs };
      await this.ask('writeSidecar', protocol.writeSidecar, { modelId, settings });
    }
    if (random.chance(0.05)) await this.hover(path, random, layer);
    await this.ask('closeModel', protocol.closeModel, { modelId });
    return explained.ok;
  }

  /** Over a layer's name in code that names the model, with the model open or not. */
  private async hover(model: string, random: Random, layer = 'dense'): Promise<void> {
    const params = { model, layer, character: 17 + random.below(3) };
    await this.hoverAt({ name: HOVER, method: HOVER, params, patience: 1 });
  }

  private async hoverAt(asked: Question): Promise<void> {
    this.questions.push(asked);
    const { model, layer, character } = asked.params as { model: string; layer: string; character: number };
    const uri = pathToFileURL(join(dirname(model), `code-${this.documents++}.py`)).href;
    const code = `model = load_model("${basename(model)}")\nmodel.get_layer(${JSON.stringify(layer)})\n`;
    const document = { uri, languageId: 'python', version: 1, text: code };
    await this.server.connection.sendNotification('textDocument/didOpen', { textDocument: document });
    const position = { line: 1, character };
    await this.timely(HOVER, () =>
      this.server.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position }),
    );
    await this.server.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  private async explainOther(): Promise<string> {
    const asked = question('explain (the other model)', protocol.explain, {
      ...{ modelId: this.other, inputs: [{ kind: 'random', seed: 7 }], preprocessing: { name: 'none' } },
      ...{ method: 'grad-cam', layer: 'auto', target: { index: 'auto' } },
    } as const);
    const explained = (await this.answerTo(asked)) as Result<Explanation>;
    if (!explained.ok) throw new Broken(`another model was lost: ${explained.error.message}`);
    return explained.value.rawMap.data;
  }

  private ask<Params extends object, Value>(
    name: string,
    type: protocol.RequestType<Params, Value>,
    params: Params,
  ): Promise<Result<Value>> {
    return this.put(question(name, type, params)) as Promise<Result<Value>>;
  }

  private put(asked: Question): Promise<Result<unknown>> {
    this.questions.push(asked);
    return this.answerTo(asked);
  }

  private async answerTo({ name, method, params, patience }: Question): Promise<Result<unknown>> {
    const request = async (): Promise<Result<unknown>> =>
      unpackNumbers(await this.server.connection.sendRequest(method, params)) as Result<unknown>;
    const result = await this.timely(name, request, patience);
    if (!result.ok) this.checkError(name, result.error);
    return result;
  }

  /** @param patience how many times as long as others the request may take. */
  private async timely<T>(name: string, request: () => Promise<T>, patience = 1): Promise<T> {
    if (this.isGone) throw new Broken(`${name}: the server is gone`);
    let timer: NodeJS.Timeout | undefined;
    const start = { clock: Date.now(), processor: this.processorTime() };
    let busy = { ...start };
    const late = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        const now = { clock: Date.now(), processor: this.processorTime() };
        if (now.processor > busy.processor) busy = now;
        const taken = now.processor - start.processor;
        if (taken > patience * ANSWER_LIMIT_MS || now.clock - busy.clock > WAITING_LIMIT_MS)
          reject(
            new Broken(`${name}: no answer in ${now.clock - start.clock} ms, ${taken} ms of processor time`),
          );
      }, LOOK_EVERY_MS);
    });
    const answered = request().catch((error: Error) => {
      throw new Broken(`${name}: ${error.message} ${this.server.errors().slice(-2000)}`);
    });
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Milliseconds that the server and its compute processes have taken so far, those that are gone included. */
  private processorTime(): number {
    const { pid } = this.server.process;
    for (const each of [pid, ...childrenOf(pid)]) {
      // One that has just ended is said to have taken none.
      this.processorTimes.set(each, Math.max(this.processorTimes.get(each) ?? 0, processorTimeOf(each)));
    }
    return [...this.processorTimes.values()].reduce((sum, each) => sum + each, 0);
  }

  private checkLog(): void {
    if (this.unforeseen !== null) throw new Broken(`log: ${this.unforeseen}`);
  }

  private checkError(name: string, { kind, message, stack = '' }: LayerglassError): void {
    if (kind === 'internal' || kind === 'compute-ended')
      throw new Broken(`${name}: ${kind}: ${message}\n${stack}`);
    if (!/^[^\n]{3,4000}[.?!…]["'”’)]?$/u.test(message))
      throw new Broken(`${name}: not a sentence: ${message}`);
    this.refused.push({ what: `${name}: ${kind}`, message });
  }
}
