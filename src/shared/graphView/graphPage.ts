import type { LayerglassError, Result } from '../errors';
import type { LayerGradients } from '../results/layerGradients';
import type { Checked, graphChoice } from '../schemas';
import type { Progress } from '../view';
import type { ViewGraph } from './viewGraph';

export type GraphChoice = Checked<typeof graphChoice>;

export interface GraphContext {
  readonly fileName: string;
  readonly choice: GraphChoice;
  readonly graph: ViewGraph;
}

/** Channels after a rectifier that are 0 everywhere, for one input of the model. */
export interface DeadChannels {
  readonly inputNames: readonly string[];
  /** The layers with a rectifier. */
  readonly layers: readonly { readonly path: string; readonly dead: number; readonly channels: number }[];
}

/** The size of the gradient at each layer, for one input of the model. */
export interface RunGradients extends LayerGradients {
  readonly inputNames: readonly string[];
}

/** The graph of a model. */
export interface GraphHost {
  ready(): Promise<Result<GraphContext>>;
  /** `null` where no input was chosen. */
  deadChannels(): Promise<Result<DeadChannels | null>>;
  /** For the target that was explained last on this input, else for the predicted class; `null` where no input was chosen. */
  gradients(): Promise<Result<RunGradients | null>>;
  /** Opens VS Code's own picker; `runChanged` comes when the user has picked an input. */
  pickInput(): Promise<void>;
  /** Ends the request for dead channels or gradients. */
  cancel(): Promise<void>;
  /**
   * The user chose "Try Again". Called before the request is repeated, which would otherwise be refused.
   * @param insist also if it is costly
   */
  retry(insist: boolean): Promise<void>;
  /** Shows the values of a layer and selects its row in the Layers view. */
  openLayer(layer: string): Promise<void>;
  /** The user marked a box: selects its row in the Layers view. */
  mark(layer: string): Promise<void>;
  showLog(): Promise<void>;
}
export interface GraphPage {
  /** The model was reloaded. */
  setContext(context: GraphContext): void;
  /** A row was selected in the Layers view. */
  mark(layer: string): void;
  /** The model was run on another input. */
  runChanged(): void;
  /** Another target was explained. */
  targetChanged(): void;
  progress(progress: Progress | null): void;
  serverDown(error: LayerglassError): void;
}
