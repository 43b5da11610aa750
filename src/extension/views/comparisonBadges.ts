import * as l10n from '@vscode/l10n';
import {
  type Disposable,
  EventEmitter,
  FileDecoration,
  type FileDecorationProvider,
  ThemeColor,
  Uri,
  window,
} from 'vscode';
import type { LayerComparison, LayerStatus } from '../../shared/compare/comparison';
import { statusText } from '../../shared/compare/comparisonText';
import { plain } from '../../shared/text';
import type { ComparePanels } from '../panels/compare/comparePanels';
import { namesOf } from '../panels/compare/modelNames';

const SCHEME = 'layerglass-layer';

/** Names a row of the Layers view for decorations. Rows of nested models are below those of their models. */
export const layerUri = (modelPath: string, layer: string): Uri =>
  Uri.from({ scheme: SCHEME, path: `/${layer}`, query: modelPath });

type Differing = Exclude<LayerStatus, 'same'>;
const BADGES: Readonly<Record<Differing, { readonly badge: string; readonly colour: string }>> = {
  changed: { badge: '≠', colour: 'gitDecoration.modifiedResourceForeground' },
  added: { badge: '+', colour: 'gitDecoration.addedResourceForeground' },
  removed: { badge: '−', colour: 'gitDecoration.deletedResourceForeground' },
};

/** Marks the layers in the Layers view that differ in an open comparison of their model, the newest one. */
export class ComparisonBadges implements FileDecorationProvider, Disposable {
  private readonly changed = new EventEmitter<undefined>();
  private readonly subscriptions: Disposable[];

  readonly onDidChangeFileDecorations = this.changed.event;

  constructor(private readonly comparisons: Pick<ComparePanels, 'shown' | 'onDidCompare'>) {
    this.subscriptions = [
      this.changed,
      comparisons.onDidCompare(() => this.changed.fire(undefined)),
      window.registerFileDecorationProvider(this),
    ];
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const found = uri.scheme === SCHEME ? this.find(uri.query, uri.path.slice(1)) : undefined;
    if (found === undefined) return undefined;
    const { badge, colour } = BADGES[found.status];
    const decoration = new FileDecoration(badge, plain(found.text), new ThemeColor(colour));
    // The row of a nested model has the colour of what differs inside.
    decoration.propagate = true;
    return decoration;
  }

  /** What a badge says, for screen readers; `undefined` for a layer without one. */
  textOf(modelPath: string, layer: string): string | undefined {
    return this.find(modelPath, layer)?.text;
  }

  private find(
    modelPath: string,
    layer: string,
  ): { readonly status: Differing; readonly text: string } | undefined {
    const shown = this.comparisons.shown.findLast(
      ({ choice }) => choice.modelPath === modelPath || (choice.otherPath === modelPath && !choice.code),
    );
    if (shown === undefined) return undefined;
    const { choice, comparison } = shown;
    const isA = choice.modelPath === modelPath;
    // The calls of a shared layer are one layer of code.
    const asked = choice.code === undefined ? layer : layer.replace(/@\d+/g, '');
    const status = comparison.layers.find((one) => pathIn(one, isA) === asked)?.status ?? 'same';
    if (status === 'same') return undefined;
    const other = namesOf(choice.modelPath, choice.otherPath)[isA ? 1 : 0];
    return { status, text: l10n.t('{0}, compared with {1}', statusText(status), other) };
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** The path of a layer in one of the models; `null` where that lacks it. */
function pathIn({ path, otherPath, status }: LayerComparison, isA: boolean): string | null {
  if (isA) return status === 'added' ? null : path;
  return status === 'removed' ? null : (otherPath ?? path);
}
