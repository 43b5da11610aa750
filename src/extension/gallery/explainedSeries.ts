import type { Disposable } from 'vscode';
import { ok, type Result } from '../../shared/errors';
import { shownInputs } from '../../shared/gallery/galleryFilter';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import type { InputPosition } from '../../shared/sources/inputPosition';
import type { ExplainChoice, Progress } from '../../shared/view';
import type { App } from '../app';
import { inputSeries } from '../pickers/inputSeries';
import type { OpenGallery } from './galleries';
import { sourceOf } from './gallerySources';
import { InputSet } from './inputSet';

const SILENT = { predicted: () => undefined, progress: () => undefined, stopped: () => undefined };

/** What an explain page explains, as far as stepping depends on it. */
type Explained = Pick<ExplainChoice, 'inputs' | 'target'>;

/**
 * The inputs that an explain page steps through: those that the open gallery of its model shows, in its order, if the explained input is
 * one of its inputs; else the other parts of its file or files of its folder. Their labels say which ones are predicted wrong.
 */
export class ExplainedSeries implements Disposable {
  /** The inputs beside the explained one, where no gallery has it. */
  private readonly beside: InputSet;
  /** What they were listed from. */
  private listed = '';

  constructor(
    private readonly app: Pick<App, 'client' | 'settings' | 'galleries'>,
    private readonly modelPath: string,
  ) {
    this.beside = new InputSet(app, SILENT);
  }

  /** Where the input lies; `null` where there is nothing to step through. */
  async position(model: OpenedModel, explained: Explained): Promise<InputPosition | null> {
    const { inputs } = explained;
    const gallery = this.galleryOf(inputs);
    if (gallery !== null) {
      const { show } = gallery.filter;
      const kind = show === 'all' ? 'gallery' : show;
      const position = { kind, at: gallery.shownAt, count: gallery.shown.length } as const;
      return { ...position, ...(await this.labelOf(model, explained)) };
    }
    const series = await inputSeries(this.app, model, inputs);
    if (series === null) return null;
    const { kind, at, count } = series;
    return { kind, at, count, ...(await this.labelOf(model, explained)) };
  }

  /** The inputs at another position; `null` outside the series. */
  async inputsAt(
    model: OpenedModel,
    inputs: readonly InputSource[],
    at: number,
  ): Promise<readonly InputSource[] | null> {
    const gallery = this.galleryOf(inputs);
    if (gallery === null) return (await inputSeries(this.app, model, inputs))?.inputsAt(at) ?? null;
    const place = gallery.shown[at];
    return place === undefined ? null : (gallery.set.inputs[place]?.sources ?? null);
  }

  /** The nearest inputs, before or after these, that are not predicted as they are labelled; `null` where there are none. */
  async nextWrong(
    model: OpenedModel,
    explained: Explained,
    by: -1 | 1,
    progress: (progress: Progress | null) => void,
  ): Promise<Result<readonly InputSource[] | null>> {
    const { set, at } = await this.labelledBy(model, explained);
    if (at === null) return ok(null);
    const found = await set.nextWrong(model, at, by, progress);
    if (!found.ok) return found;
    return ok(found.value === null ? null : (set.inputs[found.value]?.sources ?? null));
  }

  cancel(): void {
    this.beside.cancelSearch();
    this.app.galleries.of(this.modelPath)?.set.cancelSearch();
  }

  dispose(): void {
    this.beside.dispose();
  }

  /** The open gallery that has an input, and where. */
  private galleryOf(inputs: readonly InputSource[]):
    | (OpenGallery & {
        readonly at: number;
        readonly shown: readonly number[];
        readonly shownAt: number;
      })
    | null {
    const gallery = this.app.galleries.of(this.modelPath);
    const at = gallery === undefined ? null : placeIn(gallery.set, inputs);
    if (gallery === undefined || at === null) return null;
    const { knownInputs } = gallery.set;
    const found = shownInputs(knownInputs, gallery.filter);
    // An input that the filter no longer shows, because it was just predicted, keeps its place.
    const shown = found.includes(at) ? found : [...found, at].sort((a, b) => a - b);
    return { ...gallery, at, shown, shownAt: shown.indexOf(at) };
  }

  /** The place of an input among those beside it, which are listed again only where they may have changed. */
  private async findBeside(model: OpenedModel, { inputs, target }: Explained): Promise<number | null> {
    const { output = 0 } = target;
    const sources = [...new Set(inputs.flatMap(sourceOf))];
    const { preprocessing } = await this.app.settings.of(model);
    const key = JSON.stringify([model.modelId, sources, preprocessing, output]);
    const known = key === this.listed ? placeIn(this.beside, inputs) : null;
    if (known !== null) return known;
    const read = await this.beside.read(model, sources, output);
    this.listed = read.ok ? key : '';
    return read.ok ? placeIn(this.beside, inputs) : null;
  }

  /** What knows the labels of the explained output: the gallery, if it shows that one, else the inputs beside. */
  private async labelledBy(
    model: OpenedModel,
    explained: Explained,
  ): Promise<{ readonly set: InputSet; readonly at: number | null }> {
    const gallery = this.galleryOf(explained.inputs);
    if (gallery !== null && gallery.set.output === (explained.target.output ?? 0)) return gallery;
    return { set: this.beside, at: await this.findBeside(model, explained) };
  }

  private async labelOf(
    model: OpenedModel,
    explained: Explained,
  ): Promise<Pick<InputPosition, 'truth' | 'hasLabels'>> {
    const { set, at } = await this.labelledBy(model, explained);
    const { inputs, kind, output } = set;
    if (at === null || (kind !== null && kind !== 'class')) return { truth: null, hasLabels: false };
    const truth = inputs[at]?.truth ?? null;
    const { labels } = await this.app.settings.labels(model, output);
    return {
      truth: truth === null ? null : { index: truth, name: labels[truth] ?? null },
      hasLabels: inputs.some((one) => one.truth !== null),
    };
  }
}

/** The place of an input in a list; the first sample and the first row need not be named. */
function placeIn({ inputs }: InputSet, wanted: readonly InputSource[]): number | null {
  const key = keyOf(wanted);
  const at = inputs.findIndex(({ sources }) => keyOf(sources) === key);
  return at < 0 ? null : at;
}

function keyOf(sources: readonly InputSource[]): string {
  const parts = sources.map((source) => {
    if (source.kind !== 'file') return source;
    const isTable = /\.(csv|tsv|json)$/i.test(source.path);
    return [source.path, source.member ?? (isTable ? '1' : ''), source.sample ?? 0];
  });
  return JSON.stringify(parts);
}
