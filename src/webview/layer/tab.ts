import type { LayerglassError } from '../../shared/errors';
import type { LayerChoice, LayerHost } from '../../shared/view';
import type { HostClient } from '../rpc';

/** What a tab gets from the page that it is on. */
export interface TabPage {
  readonly host: HostClient<LayerHost>;
  /** What the tab is waiting for, shown while it is chosen; `null` when it waits no longer. */
  onBusy(message: string | null): void;
  /** `null` when the tab asks again. A tab whose request failed is shown anew when it is chosen again. */
  onError(error: LayerglassError | null): void;
  /** The facts below the name of the layer: its class, its activation, its shape. */
  setDetails(details: readonly string[]): void;
  /** Settings of the tab that outlast a reload, merged into the state of the page; read with `savedState`. */
  keep(settings: object): void;
  pickInput(): void;
}

export interface LayerTab {
  readonly element: HTMLElement;
  /**
   * Shows a layer for an input, also again after an error. Only the chosen tab is asked; the others when they are next chosen.
   * @param choice its `inputs` are empty when no input was chosen yet
   */
  show(choice: LayerChoice): void;
  /** Another target was explained on the same input: for a tab that shows something of the score. */
  follow?(choice: LayerChoice): void;
  /** Drops what is being fetched: another layer or input is shown, or the server has ended. */
  clear(): void;
}

/** One tab of the page. */
export interface TabKind {
  /** Kept in the state of the page. */
  readonly id: string;
  readonly label: string;
  create(page: TabPage): LayerTab;
}
