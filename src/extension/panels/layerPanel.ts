import { basename } from 'node:path';
import { commands, type Disposable, env, type WebviewPanel } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { LayerChoice, LayerHost, LayerPage, Progress } from '../../shared/view';
import type { App } from '../app';
import { valueOrShow } from '../errors';
import { Lifetime } from '../lifetime';
import { ModelLease } from '../models/modelLease';
import { refuseWeightsOnly } from '../pickers/chooseRun';
import { inputName } from '../pickers/inputName';
import { pickInputs } from '../pickers/inputPicker';
import { LatestRequest } from '../server/latestRequest';
import { type ExplainedRun, type Run, sameRun } from '../settings/runs';
import { openPage, type PageLink } from './page';
import { LAYER_CALLS } from './pageCalls';
import { tensorTarget } from './tensorTarget';
import { unitNames } from './unitNames';
import { weightCalls } from './weightCalls';

/** Of a request about a layer and an input. */
type LayerParams = protocol.LayerValuesParams;

/** One layer page: the values before and after a layer's activation, for one input. */
export class LayerPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<LayerPage>;
  private readonly request: LatestRequest;
  /** How the channels are looked at. */
  private readonly channels: LatestRequest;
  /** The page loads its grid in pieces; a new grid makes pending pieces obsolete. */
  private readonly tiles: LatestRequest;
  /** The channel that is shown large. */
  private readonly map: LatestRequest;
  private readonly slices: LatestRequest;
  private readonly exports: LatestRequest;
  private readonly traces: LatestRequest;
  private readonly diagnosis: LatestRequest;
  private readonly units: LatestRequest;
  /** Of a weight. */
  private readonly statistics: LatestRequest;

  /** Run the next requests even if they are costly or ended their process before, until the values have come. */
  private insist = false;

  constructor(
    private readonly app: App,
    private readonly panel: WebviewPanel,
    /** The authoritative choice; the page stores a copy that survives a reload of the window. */
    private current: LayerChoice,
  ) {
    this.model = this.lifetime.own(new ModelLease(app.models, current.modelPath));
    const report = (progress: Progress | null) => this.link.tell('progress', progress);
    this.request = this.lifetime.own(new LatestRequest(app.client, report));
    this.traces = this.lifetime.own(new LatestRequest(app.client, report));
    this.units = this.lifetime.own(new LatestRequest(app.client, report));
    this.statistics = this.lifetime.own(new LatestRequest(app.client, report));
    this.channels = this.lifetime.own(new LatestRequest(app.client, report));
    this.tiles = this.lifetime.own(new LatestRequest(app.client));
    this.diagnosis = this.lifetime.own(new LatestRequest(app.client));
    this.slices = this.lifetime.own(new LatestRequest(app.client, report));
    this.exports = this.lifetime.own(new LatestRequest(app.client, report));
    this.map = this.lifetime.own(new LatestRequest(app.client));
    // Last: its calls use the requests above.
    this.link = this.lifetime.own(
      openPage<LayerHost, LayerPage>(
        panel.webview,
        app.extensionUri,
        'layer',
        panel.title,
        this.host(),
        LAYER_CALLS,
      ),
    );
  }

  /** What is shown now. */
  get choice(): LayerChoice {
    return this.current;
  }

  /** @param preserveFocus whether the focus stays where the user chose the layer */
  show(choice: LayerChoice, preserveFocus = false): void {
    this.app.client.noteUserRequest();
    this.current = choice;
    this.panel.title = layerTitle(choice);
    this.panel.reveal(undefined, preserveFocus);
    this.sendChoice();
  }

  /** The model was run on an input, which a page without one takes. */
  offer({ inputs, preprocessing }: Run): void {
    if (this.current.inputs.length > 0) return;
    this.current = { ...this.current, inputs, preprocessing };
    this.sendChoice();
  }

  /** Another target was explained: a page about the same input follows. */
  follow({ target, ...run }: ExplainedRun): void {
    if (!sameRun(run, this.current)) return;
    this.current = { ...this.current, target };
    this.link.tell('setTarget', this.current);
  }

  /** The model was reopened, after a restart of the server or a change of the file: the page requests its data again. */
  reopened(): void {
    this.sendChoice();
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private host(): LayerHost {
    return {
      ready: async () => {
        const model = await this.model.get();
        if (!model.ok) return model;
        const inputNames = this.current.inputs.map(inputName);
        return ok({
          ...{ choice: this.current, inputNames },
          ...(isComputable(model.value, this.current) ? {} : { weightsOnly: true }),
        });
      },
      values: async () => {
        this.traces.cancel();
        this.diagnosis.cancel();
        this.units.cancel();
        const choice = this.current;
        const { insist } = this;
        const values = await this.ask(this.request, protocol.layerValues, { insist });
        this.insist = false;
        if (values.ok) this.app.runs.set(choice.modelPath, choice);
        return values;
      },
      trace: (unit, check) =>
        this.trace({
          ...(unit === null ? {} : { unit, arithmetic: true }),
          ...(check === null ? {} : { check }),
        }),
      effectiveField: (unit) => this.trace({ unit, effective: true }),
      ...weightCalls(this.app, this.model, () => this.current, {
        statistics: this.statistics,
        exports: this.exports,
      }),
      config: async () => {
        const model = await this.model.get();
        if (!model.ok) return model;
        const { modelId } = model.value;
        return this.app.client.ask(protocol.layerConfig, { modelId, layer: this.current.layer });
      },
      openUnit: async (asked) => {
        const { inputs, preprocessing, layer } = this.current;
        const model = await this.model.get();
        if (!model.ok) return model;
        const { modelId, summary } = model.value;
        const unit = await this.units.ask(protocol.openUnit, {
          ...{ modelId, inputs, preprocessing, layer },
          ...asked,
        });
        if (!unit.ok) return unit;
        const { labels = [] } = await this.app.settings.of(model.value);
        return ok({ unit: unit.value, names: unitNames(summary, unit.value, labels) });
      },
      showLayer: async (layer) => this.show({ ...this.current, layer }),
      copy: async (text) => env.clipboard.writeText(text),
      channels: async (stage, attribution) => {
        this.tiles.cancel();
        this.map.cancel();
        this.diagnosis.cancel();
        const { insist } = this;
        const ofScore = attribution ? await this.scoreParts() : {};
        return this.ask(this.channels, protocol.channels, { stage, attribution, insist, ...ofScore });
      },
      tiles: (stage, slice, channels, side) =>
        this.ask(this.tiles, protocol.channelTiles, { stage, slice, channels, side }),
      tensorSlice: (stage, axes, row, rows, column, columns) =>
        this.ask(this.slices, protocol.tensorSlice, {
          ...{ stage, row, rows, column, columns, insist: this.insist },
          ...(axes === null ? {} : { axes }),
        }),
      exportTensor: async (stage, axes, format) => {
        const path = await tensorTarget(this.current, axes !== null, format);
        if (path === undefined) return ok(null);
        const written = await this.ask(this.exports, protocol.exportTensor, {
          ...{ stage, path, format },
          ...(axes === null ? {} : { axes }),
        });
        return written.ok ? ok(basename(path)) : written;
      },
      doctor: async () => {
        const { inputs, preprocessing } = this.current;
        const model = await this.model.get();
        if (!model.ok) return model;
        return this.diagnosis.ask(protocol.doctor, { modelId: model.value.modelId, inputs, preprocessing });
      },
      setPreprocessing: async (preprocessing) => {
        await this.app.settings.remember(this.current.modelPath, { preprocessing });
        this.app.client.noteUserRequest();
        this.current = { ...this.current, preprocessing };
        this.sendChoice();
      },
      channelMap: (stage, slice, channel, source) =>
        this.ask(this.map, protocol.channelMap, { stage, slice, channel, source }),
      pickInput: async () => {
        const model = valueOrShow(await this.model.get());
        if (model === undefined) return;
        refuseWeightsOnly(model);
        if (this.current.inputs.length === 0)
          void this.app.client.tell(protocol.willExplain, { path: model.path });
        const inputs = await pickInputs(this.app, model);
        if (inputs === undefined) return;
        await this.app.settings.remember(model.path, { lastInputs: inputs });
        this.app.client.noteUserRequest();
        // The target was chosen for the explained input.
        const { target: _, ...rest } = this.current;
        this.current = { ...rest, inputs };
        this.sendChoice();
      },
      retry: async (insist) => {
        this.insist = insist;
        this.app.client.noteUserRequest(this.current.modelPath);
      },
      cancel: async () => {
        const { request, channels, tiles, map, slices, exports, traces, units, statistics } = this;
        for (const asked of [request, channels, tiles, map, slices, exports, traces, units, statistics])
          asked.cancel();
      },
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  /** The score that channels are sorted by, and the names of its classes. */
  private async scoreParts(): Promise<Pick<protocol.ChannelsParams, 'target' | 'labels'>> {
    const { target } = this.current;
    const model = await this.model.get();
    const labels = model.ok ? (await this.app.settings.labels(model.value, target?.output)).labels : [];
    return { ...(target && { target }), ...(labels.length > 0 && { labels }) };
  }

  private trace(
    asked: Pick<protocol.TraceParams, 'unit' | 'check' | 'arithmetic' | 'effective'>,
  ): ReturnType<LayerHost['trace']> {
    return this.ask(this.traces, protocol.trace, asked);
  }

  /** Asks something about the layer and the input of the page. */
  private async ask<Params extends LayerParams, Value>(
    request: LatestRequest,
    type: protocol.RequestType<Params, Value>,
    asked: Omit<Params, 'modelId' | 'inputs' | 'preprocessing' | 'layer'>,
  ): Promise<Result<Value>> {
    const { inputs, preprocessing, layer } = this.current;
    const model = await this.model.get();
    if (!model.ok) return model;
    const { modelId } = model.value;
    return request.ask<object, Value>(type, { modelId, inputs, preprocessing, layer, ...asked });
  }

  private sendChoice(): void {
    this.link.tell('setChoice', this.current, this.current.inputs.map(inputName));
  }
}

/** Whether the layer has values: its class is known, and so are its inputs. */
function isComputable({ summary }: protocol.OpenedModel, { layer }: LayerChoice): boolean {
  const row = summary.layers.find(({ path }) => path === layer);
  return summary.weightsOnly === undefined && row?.unknownBecause === undefined && row?.status !== 'unknown';
}

export function layerTitle(choice: LayerChoice): string {
  return plain(`${choice.layer} · ${basename(choice.modelPath)}`);
}
