import { basename, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail, toError } from '../../shared/errors';
import type { Preprocessing } from '../../shared/inputs';
import { modelFileAt } from '../formats/companions';
import type { ModelFile } from '../formats/modelFile';
import { openModelFile } from '../formats/open';
import type { Graph } from '../graph/graph';
import { loadCustomLayers } from '../kinds/customLayers';
import { setCustomKinds } from '../kinds/registry';
import { countUnknownWeights } from '../run/weights/unknownWeightCounts';
import { type WithArchitecture, withArchitecture } from './architectures';
import { fileVersion } from './fileVersion';
import { guessPreprocessing } from './guessPreprocessing';
import { resolveGraph } from './modelGraph';

/** An unreferenced model is kept this long, so that reopening it costs nothing. */
const LINGER_MS = 10_000;

export interface OpenModelsOptions {
  /** Absolute paths of JavaScript modules that implement custom layers. */
  readonly customLayers?: readonly string[];
  /** Whether an unusable custom layer module is an error; otherwise it is a notice of each model. */
  readonly strict: boolean;
}

export interface OpenModel {
  readonly id: string;
  /** Of the file that describes the layers, also if the model was given as its folder: settings lie beside it. */
  readonly path: string;
  /** Version of the file and its companions when it was opened. */
  readonly version: string;
  /** Further files of the model. */
  readonly companionFiles: readonly string[];
  readonly graph: Graph;
  readonly defaultPreprocessing: Preprocessing;
  /** Why it is probably this one. */
  readonly preprocessingReason: string;
  readonly file: ModelFile;
  /** For weights that are shown as a model: the file that describes its layers, and beside which its settings lie. */
  readonly architecture: string | null;
  /** For weights that fit several models: the files of those models. */
  readonly architectures: readonly string[];
}

/** The file that the settings of a model lie beside: those of a checkpoint are those of the model. */
export const settingsFile = ({ path, architecture }: Pick<OpenModel, 'path' | 'architecture'>): string =>
  architecture ?? path;

interface Entry extends OpenModel {
  /** As the caller chose it. */
  readonly chosen: string | undefined;
  references: number;
  linger: NodeJS.Timeout | null;
}

/** The open models, reference-counted. Reads their structure only and uses no tensors. */
export class OpenModels {
  private readonly entries = new Map<string, Entry>();
  private readonly reading = new Map<string, Promise<Entry>>();
  /** Custom layers are loaded before the first model; notices about failures. */
  private customLayers: Promise<readonly string[]> | null = null;
  private nextId = 1;

  /**
   * @param release called for an unreferenced model. It must call `close` once nothing uses the model; `close` returns
   *   whether the model was closed (it may have been reopened in the meantime).
   */
  constructor(
    private readonly options: OpenModelsOptions,
    private readonly release: (model: OpenModel, close: () => boolean) => void = (_, close) => {
      close();
    },
  ) {}

  /**
   * Opens a model or adds a reference to it.
   * @param architecture for a file of weights, the model that they are of; otherwise it is looked for beside the file
   */
  async open(path: string, architecture?: string): Promise<OpenModel> {
    const absolute = modelFileAt(resolve(path));
    const chosen = architecture === undefined ? undefined : modelFileAt(resolve(architecture));
    const known = [...this.entries.values()].find(
      (entry) =>
        entry.path === absolute &&
        entry.chosen === chosen &&
        entry.version === fileVersion(absolute, entry.companionFiles),
    );
    const entry = known ?? (await this.readOnce(absolute, chosen));
    if (entry.linger) clearTimeout(entry.linger);
    entry.linger = null;
    entry.references++;
    return entry;
  }

  /** Opens a model at a given version of its files. @throws Failure `closed` when they have changed since. */
  async openVersion(path: string, version: string, architecture?: string): Promise<OpenModel> {
    const model = await this.open(path, architecture);
    if (model.version === version) return model;
    this.close(model.id);
    return failChanged(path);
  }

  /** Releases one reference. @param atOnce the model is not kept a little longer: there are others to come */
  close(id: string, atOnce = false): void {
    const entry = this.entries.get(id);
    if (!entry || entry.references === 0) return;
    entry.references--;
    if (entry.references > 0) return;
    const release = () => this.release(entry, () => this.closeEntry(entry));
    if (atOnce) release();
    else entry.linger = setTimeout(release, LINGER_MS).unref();
  }

  /** @throws Failure `closed` */
  get(id: string): OpenModel {
    const entry = this.entries.get(id);
    return entry ?? fail('closed', l10n.t('This model is no longer open.'), { remedy: l10n.t('Reopen it.') });
  }

  /** The newest open version of the model at this path. */
  find(path: string): OpenModel | undefined {
    const absolute = modelFileAt(resolve(path));
    return [...this.entries.values()].findLast((entry) => entry.path === absolute);
  }

  private closeEntry(entry: Entry): boolean {
    if (entry.references > 0 || !this.entries.delete(entry.id)) return false;
    entry.file.close();
    return true;
  }

  /** Concurrent calls for the same file share one read. */
  private readOnce(path: string, chosen: string | undefined): Promise<Entry> {
    const key = JSON.stringify([fileVersion(path), path, chosen]);
    const reading = this.reading.get(key);
    if (reading) return reading;
    const mine = this.read(path, chosen).finally(() => this.reading.delete(key));
    this.reading.set(key, mine);
    return mine;
  }

  private async read(path: string, chosen: string | undefined): Promise<Entry> {
    this.customLayers ??= this.registerCustomLayers();
    const notices = await this.customLayers;
    const opened = await openModelFile(path);
    try {
      const { file, graph: shown, architecture, choices } = await this.described(opened, chosen);
      const built = await countUnknownWeights(shown, file.weights);
      const companionFiles = [...(file.path === path ? [] : [file.path]), ...(file.companionFiles ?? [])];
      const all = [...(file.notices ?? []), ...built.summary.notices, ...notices];
      const graph = { ...built, summary: { ...built.summary, notices: all } };
      const guess = guessPreprocessing(graph);
      const entry: Entry = {
        id: `model-${this.nextId++}`,
        path,
        graph,
        defaultPreprocessing: { name: guess.name },
        preprocessingReason: guess.why,
        file,
        companionFiles,
        ...{ architecture, architectures: choices, chosen },
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

  private async described(opened: ModelFile, chosen: string | undefined): Promise<WithArchitecture> {
    if (opened.format === 'weights') return withArchitecture(opened, chosen);
    if (chosen !== undefined) {
      fail('bad-weights', l10n.t('{0} is not a file of weights alone.', basename(opened.path)), {
        remedy: l10n.t('Choose a file that Keras wrote with model.save_weights, or open this one as it is.'),
        subject: opened.path,
      });
    }
    return { ...(await resolveGraph(opened)), architecture: null, choices: [] };
  }

  /** Returns notices about unusable modules. @throws Failure for an unusable module if `strict` is set. */
  private async registerCustomLayers(): Promise<readonly string[]> {
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

export function failChanged(path: string): never {
  return fail('closed', l10n.t('{0} has changed since it was opened.', basename(path)), {
    subject: path,
    remedy: l10n.t('Reopen it.'),
  });
}
