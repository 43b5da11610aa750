import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerWeights } from '../../../shared/results/weights';
import { filterLayout } from '../../inspect/weights/filterLayout';
import { isNumeric, summaryOf } from '../../inspect/weights/weightStatistics';
import { weightsOf } from '../../inspect/weights/weightsReport';
import { type StoredWeight, storedWeights } from '../../run/weights/storedWeights';
import type { OpenModel } from '../../session/openModels';

/** A weight that was read is kept this long after its last use: a page asks for parts of it, one after another. */
const KEPT_MS = 10_000;

/**
 * The weights in the files of open models, for pages that show parts of them: no backend and no run. One weight is in memory at a
 * time, the one that was asked for last.
 */
export class OpenWeights {
  private readonly lists = new WeakMap<OpenModel, Promise<readonly StoredWeight[]>>();
  private recent: { readonly weight: StoredWeight; readonly values: Promise<Float32Array> } | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** The weights of a layer, of a call of it, or of the layers of a nested model. @throws Failure `no-such-layer`, `no-weights`, ... */
  async ofLayer(model: OpenModel, path: string): Promise<LayerWeights> {
    const weights = await this.weightsOfLayer(model, path);
    const classes = new Set(weights.map(({ className }) => className));
    return {
      layer: path,
      className: classes.size === 1 ? (weights[0]?.className ?? null) : null,
      weights: weights.map((weight) => ({
        ...summaryOf(weight),
        filters: filterLayout(summaryOf(weight))?.filters ?? null,
        isNumeric: isNumeric(weight),
      })),
    };
  }

  /** One weight of a layer by its place in the list. @throws Failure `not-applicable` where there is none, or no numbers. */
  async weight(model: OpenModel, path: string, index: number): Promise<StoredWeight> {
    const weight = (await this.weightsOfLayer(model, path))[index];
    if (weight !== undefined && isNumeric(weight)) return weight;
    return fail('not-applicable', l10n.t('Layer "{0}" has no weight {1} of numbers.', path, index), {
      subject: path,
    });
  }

  /** The values of a weight; read from the file if they are not those that were used last. @throws Failure of reading */
  values(weight: StoredWeight): Promise<Float32Array> {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.forget(), KEPT_MS).unref();
    if (this.recent?.weight === weight) return this.recent.values;
    // The one before it is freed first.
    this.recent = null;
    const values = weight.read();
    this.recent = { weight, values };
    values.catch(() => this.forget());
    return values;
  }

  private forget(): void {
    this.recent = null;
  }

  private async weightsOfLayer(model: OpenModel, path: string): Promise<readonly StoredWeight[]> {
    const { graph, file } = model;
    const known = this.lists.get(model) ?? storedWeights(graph, file.weights);
    this.lists.set(model, known);
    known.catch(() => this.lists.delete(model));
    // A call of a layer has the weights of the layer.
    const layer = graph.nodes.get(path)?.layerPath ?? graph.models.get(path)?.layerPath ?? path;
    return weightsOf(
      await known,
      layer,
      graph.summary.layers.some((row) => row.path === path),
    );
  }
}
