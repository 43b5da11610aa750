import { resolve } from 'node:path';
import { fail, toError } from '../../shared/errors';
import type { Preprocessing } from '../../shared/inputs';
import type { ModelFile } from '../formats/modelFile';
import { openModelFile } from '../formats/open';
import type { Graph } from '../graph/graph';
import { loadCustomLayers } from '../kinds/customLayers';
import { setCustomKinds } from '../kinds/registry';
import { withCountsOfFile } from '../run/weights/uncountedWeights';
import { defaultPreprocessing } from './defaultPreprocessing';
import { fileVersion } from './fileVersion';
import { resolveGraph } from './modelGraph';

/** A model that nobody refers to any more is kept this long, so that closing and opening again costs nothing. */
const LINGER_MS = 10_000;

export interface OpenModelsOptions {
  /** Absolute paths of JavaScript modules that implement the user's own layers. */
  readonly customLayers?: readonly string[];
  /** A custom layer module that cannot be used is an error; else it is a notice of each model. */
  readonly strict: boolean;
}

export interface OpenModel {
  readonly id: string;
  readonly path: string;
  /** Of the file and its companions when it was opened. */
  readonly version: string;
  /** Further files that it is made of. */
  readonly companionFiles: readonly string[];
  readonly graph: Graph;
  readonly defaultPreprocessing: Preprocessing;
  readonly file: ModelFile;
}

interface Entry extends OpenModel {
  references: number;
  linger: NodeJS.Timeout | null;
}

/** The models that are open, with counted references. Reads structures only; knows nothing of tensors. */
export class OpenModels {
  private readonly entries = new Map<string, Entry>();
  private readonly reading = new Map<string, Promise<Entry>>();
  /** Custom layers are loaded before the first model; what went wrong with them. */
  private customLayers: Promise<readonly string[]> | null = null;
  private nextId = 1;

  /**
   * @param release called for a model that nobody refers to any more: has `close` called when nothing uses the model,
   *   which answers whether it was let go (somebody may have opened it meanwhile).
   */
  constructor(
    private readonly options: OpenModelsOptions,
    private readonly release: (model: OpenModel, close: () => boolean) => void = (_, close) => {
      close();
    },
  ) {}

  /** Opens a model or adds a reference to it. */
  async open(path: string): Promise<OpenModel> {
    const absolute = resolve(path);
    const known = [...this.entries.values()].find(
      (entry) => entry.path === absolute && entry.version === fileVersion(absolute, entry.companionFiles),
    );
    const entry = known ?? (await this.readOnce(absolute));
    if (entry.linger) clearTimeout(entry.linger);
    entry.linger = null;
    entry.references++;
    return entry;
  }

  /** Gives back one reference. */
  close(id: string): void {
    const entry = this.entries.get(id);
    if (!entry || entry.references === 0) return;
    entry.references--;
    if (entry.references > 0) return;
    entry.linger = setTimeout(() => this.release(entry, () => this.letGo(entry)), LINGER_MS).unref();
  }

  /** @throws Failure `closed` */
  get(id: string): OpenModel {
    const entry = this.entries.get(id);
    return entry ?? fail('closed', 'This model is no longer open.', { remedy: 'Open it again.' });
  }

  /** A model that is open under this path, the newest version. */
  find(path: string): OpenModel | undefined {
    const absolute = resolve(path);
    return [...this.entries.values()].findLast((entry) => entry.path === absolute);
  }

  private letGo(entry: Entry): boolean {
    if (entry.references > 0 || !this.entries.delete(entry.id)) return false;
    entry.file.close();
    return true;
  }

  /** Whoever asks while a file is being read gets the same model. */
  private readOnce(path: string): Promise<Entry> {
    const key = `${fileVersion(path)} ${path}`;
    const reading = this.reading.get(key);
    if (reading) return reading;
    const mine = this.read(path).finally(() => this.reading.delete(key));
    this.reading.set(key, mine);
    return mine;
  }

  private async read(path: string): Promise<Entry> {
    this.customLayers ??= this.useCustomLayers();
    const notices = await this.customLayers;
    const opened = await openModelFile(path);
    try {
      const { file, graph: shown } = resolveGraph(opened);
      const built = await withCountsOfFile(shown, file.weights);
      const companionFiles = [...(file.path === path ? [] : [file.path]), ...(file.companionFiles ?? [])];
      const all = [...(file.notices ?? []), ...built.summary.notices, ...notices];
      const graph = { ...built, summary: { ...built.summary, notices: all } };
      const entry: Entry = {
        id: `model-${this.nextId++}`,
        path,
        graph,
        defaultPreprocessing: defaultPreprocessing(graph),
        file,
        companionFiles,
        version: fileVersion(path, companionFiles),
        references: 0,
        linger: null,
      };
      this.entries.set(entry.id, entry);
      return entry;
    } catch (thrown) {
      opened.close();
      throw thrown;
    }
  }

  /** @throws Failure for a module that cannot be used where `strict` is set; else it is a notice of each model. */
  private async useCustomLayers(): Promise<readonly string[]> {
    try {
      setCustomKinds(await loadCustomLayers(this.options.customLayers ?? []));
      return [];
    } catch (thrown) {
      if (this.options.strict) throw thrown;
      const { message, remedy } = toError(thrown);
      return [remedy === undefined ? message : `${message} ${remedy}`];
    }
  }
}
