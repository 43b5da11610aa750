import * as l10n from '@vscode/l10n';
import type { LayerRow, NamedTensor } from '../../../shared/model';
import type { ModelCall, TensorRef } from '../graph';
import { modelRow, nodeRow } from '../layerRows';
import type { RuleLookup } from '../layerRule';
import type { Parameters } from '../parameters';
import { callName } from './callOrder';
import type { LayerSpec, ModelSpec } from './parseModel';
import { dtypeOf } from './precision';
import { type DataFlow, dataFlowOf, skippedBranchNotice } from './skippedBranches';
import type { Unfolding } from './unfold';

interface Consumer {
  readonly path: string;
  readonly output: number;
}

/** The rows of an unfolded Keras model, and the notices that need the whole graph. */
export class KerasRows {
  /** By path of a nested model: what leaves out a branch inside it, the same for all its calls. */
  private readonly skipped = new Map<string, string | null>();
  private flow: DataFlow | null = null;
  private consumers: ReadonlyMap<string, readonly Consumer[]> | null = null;

  constructor(
    private readonly unfolding: Unfolding,
    private readonly parameters: Parameters,
    private readonly rules: RuleLookup,
  ) {}

  /** One row per call, those of a nested model after its own. @param parent path of the call of `spec`. */
  rows(spec: ModelSpec, callPrefix = '', layerPrefix = '', parent: string | null = null): LayerRow[] {
    return spec.layers
      .filter((layer) => !layer.hidden)
      .flatMap((layer) => {
        const calls = Math.max(1, layer.calls.length);
        return Array.from({ length: calls }, (_, call) => {
          const path = callPrefix + callName({ layer: layer.name, call });
          const inner = layer.model
            ? this.rows(layer.model, `${path}/`, `${layerPrefix}${layer.name}/`, path)
            : [];
          return [...this.row(layer, path, layerPrefix + layer.name, parent, calls, inner), ...inner];
        }).flat();
      });
  }

  private row(
    layer: LayerSpec,
    path: string,
    layerPath: string,
    parent: string | null,
    calls: number,
    inner: readonly LayerRow[],
  ): LayerRow[] {
    const { nodes, models, inbound } = this.unfolding;
    const context = {
      name: layer.name,
      parent,
      dtype: dtypeOf(layer.config),
      calls,
      inbound: inbound.get(path) ?? [],
      parameters: this.parameters.ofLayer(layerPath),
    };
    const model = models.get(path);
    if (model) {
      const notice = this.modelNotice(model);
      return [modelRow(model, nodes, inner, { ...context, className: layer.className, notice })];
    }
    const node = nodes.get(path);
    return node ? [nodeRow(node, context, this.rules(node.className))] : [];
  }

  /**
   * Which branch the outputs of a model leave out.
   * @param layerPath of the model, '' for the whole file.
   * @param prefix of the paths of its nodes.
   */
  skippedBranch(layerPath: string, prefix: string, outputs: readonly TensorRef[]): string | null {
    const known = this.skipped.get(layerPath);
    if (known !== undefined || outputs.length < 2) return known ?? null;
    this.flow ??= dataFlowOf(this.unfolding.nodes);
    const notice = skippedBranchNotice(this.flow, { prefix, outputs });
    this.skipped.set(layerPath, notice);
    return notice;
  }

  private modelNotice({ path, layerPath, outputs }: ModelCall): string | null {
    const consumers = outputs.length < 2 ? [] : this.consumersOf(path);
    const unchanged = consumers.flatMap(({ path: consumer, output }) => {
      const origin = this.unfolding.nodes.get(outputs[output]?.node ?? '');
      if (origin?.className !== 'InputLayer') return [];
      return [
        l10n.t(
          'Output {0}, which {1} takes, is its own input {2}, unchanged.',
          output,
          consumer,
          origin.name,
        ),
      ];
    });
    const skipped = this.skippedBranch(layerPath, `${path}/`, outputs);
    const sentences = [...unchanged, ...(skipped === null ? [] : [skipped])];
    return sentences.length === 0 ? null : sentences.join(' ');
  }

  /** The calls in the same model that take an output of a nested model's call, and which output each takes. */
  private consumersOf(call: string): readonly Consumer[] {
    this.consumers ??= consumersByCall(this.unfolding.inbound);
    return this.consumers.get(call) ?? [];
  }

  named(name: string, ref: TensorRef): NamedTensor {
    const config = this.unfolding.nodes.get(ref.node)?.config.values ?? {};
    return { name, shape: this.unfolding.shapeOf(ref), dtype: dtypeOf(config) };
  }
}

function consumersByCall(inbound: Unfolding['inbound']): ReadonlyMap<string, readonly Consumer[]> {
  const consumers = new Map<string, Consumer[]>();
  for (const [path, refs] of inbound) {
    for (const { node, output } of refs) {
      const list = consumers.get(node);
      if (list) list.push({ path, output });
      else consumers.set(node, [{ path, output }]);
    }
  }
  return consumers;
}
