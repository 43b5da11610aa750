import { type Disposable, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { LayerglassError } from '../../shared/errors';
import type { App } from '../app';

/** A page that shows one model. */
interface ModelPage {
  /** The model was opened again: the page requests its data again. */
  reopened(): unknown;
  serverDown(error: LayerglassError): void;
}

/**
 * What all pages of one type follow: a reload of the window, their models, and the server.
 * @param pages those of a model, or all
 */
export const followPages = (
  app: Pick<App, 'models' | 'client'>,
  viewType: string,
  serializer: WebviewPanelSerializer,
  pages: (modelPath?: string) => Iterable<ModelPage>,
): Disposable[] => [
  window.registerWebviewPanelSerializer(viewType, serializer),
  app.models.onModelEvent(({ path, what }) => {
    if (what === 'reopened') for (const page of pages(path)) void page.reopened();
  }),
  app.client.onStateChanged((state) => {
    if (state.kind === 'down') for (const page of pages()) page.serverDown(state.error);
  }),
];

/**
 * Closes a restored tab in favour of a page of the same that was opened meanwhile: VS Code restores a tab in the background only
 * when it is shown.
 */
export function giveWay(restored: WebviewPanel, other: { reveal(): unknown }): void {
  restored.dispose();
  void other.reveal();
}

/** The pages of a map by the path of their model, one per model. */
export const pagesIn =
  <Page extends ModelPage>(panels: ReadonlyMap<string, Page>) =>
  (modelPath?: string): readonly Page[] => {
    if (modelPath === undefined) return [...panels.values()];
    const page = panels.get(modelPath);
    return page === undefined ? [] : [page];
  };
