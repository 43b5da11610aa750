import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { LayerglassError } from '../../shared/errors';
import * as protocol from '../../shared/protocol';

/** What the server did to a model, as in the log, and as a part of a sentence for users. */
const ACTION_TEXTS = {
  opened: (model: string) => l10n.t('opened {0}', model),
  explained: (model: string) => l10n.t('explained {0}', model),
  'changed the input of': (model: string) => l10n.t('changed the input of {0}', model),
  'predicted inputs of': (model: string) => l10n.t('predicted inputs of {0}', model),
  'listed inputs of': (model: string) => l10n.t('listed inputs of {0}', model),
  'read inputs of': (model: string) => l10n.t('read inputs of {0}', model),
  'computed values of': (model: string) => l10n.t('computed values of {0}', model),
  'read an input of': (model: string) => l10n.t('read an input of {0}', model),
  'saved an input of': (model: string) => l10n.t('saved an input of {0}', model),
  'traced values of': (model: string) => l10n.t('traced values of {0}', model),
  'read values of': (model: string) => l10n.t('read values of {0}', model),
  'exported values of': (model: string) => l10n.t('exported values of {0}', model),
  'drew channels of': (model: string) => l10n.t('drew channels of {0}', model),
  'drew a channel of': (model: string) => l10n.t('drew a channel of {0}', model),
};
type Action = keyof typeof ACTION_TEXTS;

/** The requests that read a file or compute with it, as text for messages: only these can make a server die. */
const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  [protocol.openModel.method, 'opened'],
  [protocol.explain.method, 'explained'],
  [protocol.epoch.method, 'explained'],
  [protocol.compare.method, 'computed values of'],
  [protocol.exportHeatMap.method, 'explained'],
  [protocol.exportSet.method, 'explained'],
  [protocol.whatWouldChange.method, 'changed the input of'],
  [protocol.wasItTheInput.method, 'changed the input of'],
  [protocol.predictInputs.method, 'predicted inputs of'],
  [protocol.listInputs.method, 'listed inputs of'],
  [protocol.thumbnails.method, 'read inputs of'],
  [protocol.layerQuantities.method, 'computed values of'],
  [protocol.inputValues.method, 'computed values of'],
  [protocol.editableInput.method, 'read an input of'],
  [protocol.saveInput.method, 'saved an input of'],
  [protocol.health.method, 'computed values of'],
  [protocol.doctor.method, 'computed values of'],
  [protocol.layerGradients.method, 'computed values of'],
  [protocol.layerValues.method, 'computed values of'],
  [protocol.trace.method, 'traced values of'],
  [protocol.openUnit.method, 'computed values of'],
  [protocol.tensorSlice.method, 'read values of'],
  [protocol.exportTensor.method, 'exported values of'],
  [protocol.channels.method, 'drew channels of'],
  [protocol.channelMap.method, 'drew a channel of'],
  [protocol.channelTiles.method, 'drew channels of'],
]);

/** A request about a model. Its key does not depend on the ids of one server process. */
export interface TrackedRequest {
  readonly path: string;
  readonly action: Action;
  readonly key: string;
}

/**
 * Remembers the requests that were running when a server died. Pages that restore themselves and models that are reopened
 * must not repeat them; only the user may. Otherwise one file that crashes a server would crash every new one.
 */
export class FatalRequests {
  private readonly running = new Set<TrackedRequest>();
  private readonly fatal = new Map<string, TrackedRequest>();

  /**
   * @param path of the model that the request is about
   * @returns `undefined` for requests that cannot make a server die
   */
  track(method: string, params: object, path: string | undefined): TrackedRequest | undefined {
    const action = ACTIONS.get(method);
    if (action === undefined || path === undefined) return undefined;
    // With or without `insist`, it is the same request.
    const key = JSON.stringify([
      method,
      path,
      { ...params, modelId: undefined, otherModelId: undefined, insist: undefined },
    ]);
    return { path, action, key };
  }

  /** The error of a request that must not be sent to the server; `undefined` if it may be. */
  refusal(request: TrackedRequest | undefined): LayerglassError | undefined {
    const fatal = request && this.fatal.get(request.key);
    return fatal && endedError(fatal);
  }

  /** Records a request as running. @returns to be called when the request has ended */
  begin(request: TrackedRequest | undefined): () => void {
    if (request === undefined) return () => undefined;
    // Equal requests may run concurrently, so each gets its own entry.
    const entry = { ...request };
    this.running.add(entry);
    return () => this.running.delete(entry);
  }

  /** The server died: every running request may be the cause. @returns those requests */
  died(): readonly TrackedRequest[] {
    const suspects = [...this.running];
    for (const request of suspects) this.fatal.set(request.key, request);
    this.running.clear();
    return suspects;
  }

  /** Allows requests about this model again, since the user made one. */
  allow(path: string): void {
    for (const [key, request] of this.fatal) if (request.path === path) this.fatal.delete(key);
  }
}

function endedError({ path, action }: TrackedRequest): LayerglassError {
  return {
    kind: 'server-ended',
    message: l10n.t(
      'The analysis server ended while it {0}, so the request is not repeated automatically.',
      ACTION_TEXTS[action](basename(path)),
    ),
    remedy: l10n.t('Choose "Try Again" to repeat it; see the log for how the server ended.'),
    subject: path,
  };
}
