import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from 'vscode';
import { byteText, parameterText, shortCount } from '../../shared/amounts';
import { consumersOf, rowLabel } from '../../shared/connections';
import type { LayerValues } from '../../shared/layerValues';
import type { LayerRow, ModelSummary } from '../../shared/model';
import * as protocol from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { App } from '../app';
import { shapeText } from '../shapeText';
import { type ComparisonBadges, layerUri } from './comparisonBadges';
import { layerTooltip, unknownSentence } from './layerTooltip';

/** Runs on a click or Enter on a row. */
export const OPEN_LAYER = 'layerglass.openLayer';

/** One row of the tree: a call of a layer, or one of the several outputs of such a call. */
export type LayerNode =
  | { readonly kind: 'layer'; readonly row: LayerRow; readonly model: protocol.OpenedModel }
  | {
      readonly kind: 'output';
      readonly index: number;
      readonly row: LayerRow;
      readonly model: protocol.OpenedModel;
    };

/** The Layers view: the active model as a tree of layers, nested models and outputs. */
export class LayersView implements TreeDataProvider<LayerNode>, Disposable {
  private readonly view: TreeView<LayerNode>;
  private readonly changed = new EventEmitter<undefined>();
  private readonly subscriptions: Disposable[];
  /** Cached statistics for tooltips, from the active model's last run. */
  private readonly values = new Map<string, Promise<LayerValues | undefined>>();

  private readonly selected = new EventEmitter<{ readonly modelPath: string; readonly layer: string }>();

  readonly onDidChangeTreeData = this.changed.event;
  /** The user, or `select`, selected one row. */
  readonly onSelected = this.selected.event;

  /** @param badges of comparisons that are open */
  constructor(
    private readonly app: App,
    private readonly badges: Pick<ComparisonBadges, 'textOf' | 'onDidChangeFileDecorations'>,
  ) {
    this.view = window.createTreeView('layerglass.layers', { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.view,
      this.selected,
      this.view.onDidChangeSelection(({ selection: [node, ...others] }) => {
        if (node === undefined || others.length > 0) return;
        this.selected.fire({ modelPath: node.model.path, layer: node.row.path });
      }),
      app.models.onActiveChanged(() => this.refresh()),
      app.models.onModelEvent(({ path, what }) => {
        if (path !== app.models.active) return;
        if (what === 'reopened') this.refresh();
        if (what === 'deleted')
          this.view.message = plain(l10n.t('{0} was deleted or moved.', basename(path)));
      }),
      app.runs.onChanged(() => this.values.clear()),
      badges.onDidChangeFileDecorations(() => this.refresh()),
    ];
  }

  async getChildren(parent?: LayerNode): Promise<LayerNode[]> {
    if (parent !== undefined) return children(parent);
    const path = this.app.models.active;
    if (path === undefined) return [];
    const lease = await this.app.models.activate(path);
    const opened = lease.ok ? await lease.value.model() : lease;
    if (!opened.ok) {
      this.view.message = plain(opened.error.message);
      return [];
    }
    const model = opened.value;
    const { summary } = model;
    const total = parameterText(summary.params.total, summary.params.isLowerBound);
    this.view.description = plain(basename(path));
    // VS Code hides the description of a container's only view, so the message names the model, too.
    const head = `${basename(path)}: ${[l10n.t('{0} parameters', total), ...costs(summary)].join(', ')}.`;
    this.view.message = [head, ...summary.notices].map(plain).join(' ');
    return summary.layers
      .filter(({ parent }) => parent === null)
      .map((row) => ({ kind: 'layer', row, model }));
  }

  getTreeItem(node: LayerNode): TreeItem {
    if (node.kind === 'output') return outputItem(node.row, node.index, node.model);
    const item = layerItem(node.row, node.model, this.badges.textOf(node.model.path, node.row.path));
    if (computable(node.row)) {
      item.command = { command: OPEN_LAYER, title: l10n.t('Show Layer Values'), arguments: [node] };
    }
    return item;
  }

  getParent(node: LayerNode): LayerNode | undefined {
    const { row, model } = node;
    if (node.kind === 'output') return { kind: 'layer', row, model };
    const parent = model.summary.layers.find(({ path }) => path === row.parent);
    return parent === undefined ? undefined : { kind: 'layer', row: parent, model };
  }

  /** Adds the statistics of the layer to the tooltip, if the model has been run. */
  async resolveTreeItem(item: TreeItem, node: LayerNode, token: CancellationToken): Promise<TreeItem> {
    const values = node.kind === 'layer' ? await this.valuesOf(node, token) : undefined;
    item.tooltip = layerTooltip(node.row, node.model.summary.layers, values);
    return item;
  }

  /** Selects the row of a layer of the active model; does not open a view that is hidden, nor take the focus. */
  async select(modelPath: string, layer: string): Promise<void> {
    if (!this.view.visible || this.app.models.active !== modelPath) return;
    const lease = await this.app.models.activate(modelPath);
    const opened = lease.ok ? await lease.value.model() : lease;
    const model = opened.ok ? opened.value : undefined;
    const row = model?.summary.layers.find(({ path }) => path === layer);
    if (model === undefined || row === undefined) return;
    await this.view.reveal({ kind: 'layer', row, model }, { select: true, focus: false });
  }

  /** The row that is selected. */
  get selectedNode(): LayerNode | undefined {
    return this.view.selection[0];
  }

  /** Shows the active model again. */
  refresh(): void {
    this.values.clear();
    if (this.app.models.active === undefined) {
      this.view.description = undefined;
      this.view.message = undefined;
    }
    this.changed.fire(undefined);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private valuesOf(node: LayerNode, token: CancellationToken): Promise<LayerValues | undefined> {
    const { row, model } = node;
    const run = this.app.runs.get(model.path);
    if (run === undefined || !computable(row)) return Promise.resolve(undefined);
    const key = `${model.modelId} ${row.path}`;
    const known = this.values.get(key);
    if (known !== undefined) return known;
    const { modelId } = model;
    const requested = this.app.client
      .ask(protocol.layerValues, { modelId, ...run, layer: row.path }, { token })
      .then((result) => {
        if (result.ok) return result.value;
        this.values.delete(key);
        return undefined;
      });
    this.values.set(key, requested);
    return requested;
  }
}

function children({ kind, row, model }: LayerNode): LayerNode[] {
  if (kind === 'output') return [];
  const outputs: LayerNode[] =
    row.outputShapes.length > 1
      ? row.outputShapes.map((_, index) => ({ kind: 'output', row, index, model }))
      : [];
  const inner = model.summary.layers.filter(({ parent }) => parent === row.path);
  return [...outputs, ...inner.map((one): LayerNode => ({ kind: 'layer', row: one, model }))];
}

/** The known costs of one example. */
function costs({ multiplyAdds, activationBytes }: ModelSummary): string[] {
  return [
    ...(multiplyAdds === null ? [] : [l10n.t('{0} multiply-adds', shortCount(multiplyAdds))]),
    ...(activationBytes === null ? [] : [l10n.t('{0} of activation memory', byteText(activationBytes))]),
  ];
}

/** Whether values of this layer can be computed: it and all layers before it are known. */
function computable(row: LayerRow): boolean {
  return row.status === 'known' && row.unknownBecause === undefined;
}

/** @param badge what its badge says */
function layerItem(row: LayerRow, model: protocol.OpenedModel, badge: string | undefined): TreeItem {
  const expands = row.isModel || row.outputShapes.length > 1;
  const item = new TreeItem(
    plain(rowLabel(row)),
    expands ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  item.id = `${model.path}#${row.path}`;
  item.resourceUri = layerUri(model.path, row.path);
  const shape =
    row.outputShapes.length === 1
      ? shapeText(row.outputShapes[0] ?? null)
      : l10n.t('{0} outputs', row.outputShapes.length);
  const params = row.params === 0 ? '' : ` · ${parameterText(row.params, row.paramsAreLowerBound)}`;
  item.description = plain(`${row.className} · ${shape}${params}`);
  item.iconPath = icon(row);
  const contexts = ['layer', computable(row) ? 'known' : 'unknown', isInJson(row, model) ? 'json' : ''];
  item.contextValue = contexts.filter(Boolean).join(' ');
  const spoken = [
    row.path,
    row.className,
    l10n.t('output {0}', shape),
    l10n.t('{0} parameters', parameterText(row.params, row.paramsAreLowerBound)),
    unknownSentence(row),
    row.notice ?? '',
    badge ?? '',
  ];
  item.accessibilityInformation = { label: plain(spoken.filter(Boolean).join(', ')) };
  return item;
}

/** Whether the row is an object in the text of a `model.json`; a name scope of a graph is not. */
const isInJson = (row: LayerRow, { summary }: protocol.OpenedModel): boolean =>
  summary.format === 'tfjs-layers' || (summary.format === 'tfjs-graph' && !row.isModel);

function outputItem(row: LayerRow, index: number, model: protocol.OpenedModel): TreeItem {
  const item = new TreeItem(l10n.t('output {0}', index));
  item.id = `${model.path}#${row.path}#${index}`;
  const origin = row.outputOrigins?.[index];
  const from = origin === undefined ? '' : ` · ${l10n.t('from {0}', origin.path)}`;
  const consumers = consumersOf(row.path, index, model.summary.layers);
  const to = consumers.length === 0 ? '' : ` · ${l10n.t('used by {0}', consumers.join(', '))}`;
  item.description = plain(`${shapeText(row.outputShapes[index] ?? null)}${from}${to}`);
  item.iconPath = new ThemeIcon('arrow-small-right');
  item.contextValue = 'output';
  return item;
}

function icon(row: LayerRow): ThemeIcon {
  if (!computable(row)) return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
  if (row.notice !== undefined) return new ThemeIcon('info');
  return new ThemeIcon(
    row.isModel ? 'layers' : row.className === 'InputLayer' ? 'sign-in' : 'circle-outline',
  );
}
