import type { LogOutputChannel, Memento, Uri as UriType } from 'vscode';
import type { App } from '../../../src/extension/app';
import { Galleries } from '../../../src/extension/gallery/galleries';
import { DroppedFiles } from '../../../src/extension/models/droppedFiles';
import { Models } from '../../../src/extension/models/models';
import { Revisions } from '../../../src/extension/models/revisions';
import { H5Web } from '../../../src/extension/panels/h5web';
import type { Client, ServerState } from '../../../src/extension/server/client';
import { Runs } from '../../../src/extension/settings/runs';
import { Settings } from '../../../src/extension/settings/settings';
import { TimeLine } from '../../../src/extension/timeLine';
import type { Explanation } from '../../../src/shared/explanation';
import type { ModelSettings } from '../../../src/shared/inputs';
import type { NamedTensor } from '../../../src/shared/model';
import * as protocol from '../../../src/shared/protocol';
import { EventEmitter, Uri } from './fakeVscode';

export const PATH = '/models/cat.keras';
const INPUT = { kind: 'random', seed: 1 } as const;

/** A sidecar that chooses the input, so that nobody is asked for one. */
export const SIDECAR: ModelSettings = { lastInputs: [INPUT], labels: ['cat', 'dog'] };

/** A server that knows one model; everything that is sent to it is written down. */
export class FakeServer {
  readonly sent: { readonly method: string; readonly params: unknown }[] = [];
  /** `null`: no layer of the model has a spatial extent. */
  defaultLayer: string | null = 'conv';
  inputs: readonly NamedTensor[] = [{ name: 'x', shape: [null, 4, 4, 1], dtype: 'float32' }];
  sidecar: protocol.Sidecar = { version: '0 1', settings: { ok: true, value: SIDECAR } };
  /** Other answers, by the method of the request; a promise is one that takes its time. */
  readonly answers = new Map<string, unknown>();
  asks = 0;
  private readonly stateChanged = new EventEmitter<ServerState>();
  private readonly restarted = new EventEmitter<void>();

  readonly client: Pick<Client, 'ask' | 'tell' | 'onStateChanged' | 'onRestarted' | 'noteUserRequest'> = {
    onStateChanged: this.stateChanged.event,
    onRestarted: this.restarted.event,
    noteUserRequest: () => {
      this.asks += 1;
    },
    tell: async ({ method }, params) => {
      this.sent.push({ method, params });
    },
    ask: async ({ method }, params) => {
      this.sent.push({ method, params });
      const answer = this.answers.get(method);
      return { ok: true, value: (answer === undefined ? this.answer(method) : await answer) as never };
    },
  };

  /** The names of what was sent, without their prefix. */
  get names(): string[] {
    return this.sent.map(({ method }) => method.replace('layerglass/', ''));
  }

  /** The parameters of the last request of a type. */
  last<Params>({ method }: { readonly method: string }): Params | undefined {
    return this.sent.findLast((one) => one.method === method)?.params as Params | undefined;
  }

  restart(): void {
    this.stateChanged.fire({ kind: 'down', error: { kind: 'closed', message: 'Down.' } });
    this.restarted.fire();
  }

  private answer(method: string): unknown {
    switch (method) {
      case protocol.openModel.method:
        return openedModel(this.sidecar, this.defaultLayer, this.inputs);
      case protocol.readSidecar.method:
        return this.sidecar.settings.ok ? this.sidecar.settings.value : null;
      case protocol.explain.method:
        return explanation;
      case protocol.exportHeatMap.method:
        return { files: [] };
      case protocol.exportSet.method:
        return {
          folder: '/out',
          files: ['a', 'b'],
          missing: [{ name: 'CAM', why: 'No CAM.' }],
          relation: null,
        };
      case protocol.writeSidecar.method:
        return { path: `${PATH}.layerglass.json` };
      default:
        return null;
    }
  }
}

const openedModel = (
  sidecar: protocol.Sidecar,
  defaultLayer: string | null,
  inputs: readonly NamedTensor[],
) =>
  ({
    modelId: 'open-1',
    path: PATH,
    companionFiles: [],
    settingsFile: PATH,
    architectures: [],
    summary: { name: 'cat', inputs, outputs: [], layers: [] },
    defaultPreprocessing: { name: 'none' },
    preprocessingReason: 'the model takes no images',
    foundLabels: { labels: [], from: null, ignored: [] },
    layers: {
      defaultLayer,
      attentionLayers: [],
      layers: defaultLayer === null ? [] : [{ path: defaultLayer, shape: [null, 4, 4, 2] }],
    },
    sidecar,
  }) as unknown as protocol.OpenedModel;

export const explanation = {
  predictions: [{ index: 0, label: 'cat', logit: 1, probability: 0.7 }],
  target: { index: 0, label: 'cat' },
  inputKey: 'version 1 of the model and of the input',
  notices: [],
} as unknown as Explanation;

class FakeMemento implements Memento {
  private readonly values = new Map<string, unknown>();
  readonly keys = () => [...this.values.keys()];
  get<T>(key: string, otherwise?: T): T | undefined {
    return (this.values.get(key) as T | undefined) ?? otherwise;
  }
  async update(key: string, value: unknown): Promise<void> {
    this.values.set(key, value);
  }
}

/** The extension round a fake server: everything else is its own code. */
export function fakeApp(
  server: FakeServer,
  storage = '/storage',
): { readonly app: App; readonly warnings: string[] } {
  const warnings: string[] = [];
  const log = { warn: (text: string) => warnings.push(text) } as unknown as LogOutputChannel;
  const client = server.client as Client;
  const models = new Models(client);
  const revisions = new Revisions(Uri.file('/storage') as unknown as UriType, models, log);
  const settings = new Settings(new FakeMemento(), client, log, (path) => revisions.originOf(path));
  const dropped = new DroppedFiles(Uri.file(storage) as unknown as UriType);
  const services = { log, client, models, settings, revisions, dropped };
  const extensionUri = Uri.file('/extension') as unknown as UriType;
  return {
    app: {
      extensionUri,
      ...services,
      ...{ runs: new Runs(), h5web: new H5Web(), galleries: new Galleries(), timeLine: new TimeLine(log) },
      notebooks: { contains: () => false },
    },
    warnings,
  };
}

/** What a graph page does elsewhere, where no test opens one. */
export const NO_GRAPHS = { showLayer: async () => undefined, select: async () => undefined };
