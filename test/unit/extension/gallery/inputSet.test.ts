import { beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../../../src/extension/app';
import { ExplainedSeries } from '../../../../src/extension/gallery/explainedSeries';
import { gallerySources } from '../../../../src/extension/gallery/gallerySources';
import { InputSet, type InputSetEvents } from '../../../../src/extension/gallery/inputSet';
import { restoredPredictions } from '../../../../src/extension/gallery/restored';
import { ALL_INPUTS, type GalleryFilter } from '../../../../src/shared/gallery/galleryFilter';
import type { InputSource } from '../../../../src/shared/inputs';
import * as protocol from '../../../../src/shared/protocol';
import type {
  InputList,
  InputPredictions,
  ListedInput,
  PredictedInput,
} from '../../../../src/shared/results/gallery';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { forget } from '../fakeVscode';

const source = (at: number): InputSource => ({ kind: 'file', path: `/data/${at}.png` });

/** Inputs whose labels are 0, 1, 0, 1, ... */
const listOf = (count: number, version = 'v1'): InputList => ({
  inputs: Array.from({ length: count }, (_, at) => ({
    sources: [source(at)],
    name: `${at}.png`,
    truth: at % 2,
  })),
  found: count,
  notices: [],
  version,
});

/** Predicts class 0 for all inputs but those at some places, for which it predicts what is not their label. */
class Model extends FakeServer {
  readonly batches: number[][] = [];
  /** Which output was asked for last. */
  output: number | undefined;
  wrong: readonly number[] = [];
  fails: 'too-costly' | null = null;
  kind: InputPredictions['kind'] = 'class';

  constructor(readonly list: InputList) {
    super();
    this.answers.set(protocol.listInputs.method, Promise.resolve(list));
    const { ask } = this.client;
    Object.assign(this.client, {
      ask: async (type: { method: string }, params: object, options: object) => {
        if (type.method !== protocol.predictInputs.method) return ask(type as never, params, options);
        const { inputs, output } = params as protocol.PredictInputsParams;
        this.output = output;
        if (this.fails !== null) return { ok: false, error: { kind: this.fails, message: 'Too costly.' } };
        const places = inputs.map((one) => (one.kind === 'file' ? Number(/\d+/.exec(one.path)?.[0]) : -1));
        this.batches.push(places);
        return { ok: true, value: { kind: this.kind, predictions: places.map((at) => this.predicted(at)) } };
      },
    });
  }

  private predicted(at: number): PredictedInput {
    const truth = at % 2;
    const index = this.wrong.includes(at) ? 1 - truth : truth;
    return { ok: true, value: { index, logit: 1, probability: 0.9, margin: 0.8 } };
  }
}

let server: Model;
let app: App;
let told: string[] = [];
const events: InputSetEvents = {
  predicted: (from, { length }) => told.push(`${from}+${length}`),
  progress: (progress) => told.push(progress === null ? 'end' : (progress.message.split(',')[0] ?? '')),
  stopped: ({ kind }) => told.push(kind),
};

function start(count: number): void {
  forget();
  told = [];
  server = new Model(listOf(count));
  app = fakeApp(server).app;
}
beforeEach(() => start(20));

const unlabelled = (input: ListedInput): ListedInput => ({ ...input, truth: null });

async function opened(): Promise<protocol.OpenedModel> {
  const lease = await app.models.acquire(PATH);
  const model = lease.ok ? await lease.value.model() : lease;
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}
const setOf = async (restored: Parameters<typeof restoredPredictions>[0] | null = null) => {
  const set = new InputSet(app, events, restored && restoredPredictions(restored));
  await set.read(await opened(), ['/data'], 0);
  return set;
};

describe('predictions', () => {
  it('come in batches, a small one first, and are told with progress', async () => {
    start(100);
    const set = await setOf();
    await set.predict(await opened(), false);
    expect(server.batches[0]).toHaveLength(8);
    expect(server.batches.flat()).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(told.slice(0, 3)).toEqual(['Predicting: 0 of 100', '0+8', 'Predicting: 8 of 100']);
    expect(told.at(-1)).toBe('end');
    expect(set.predictions.every((one) => one?.ok)).toBe(true);
  });

  it('stay where the list is the same, and are made again where it is another one', async () => {
    const set = await setOf();
    await set.predict(await opened(), false);
    await set.read(await opened(), ['/data'], 0);
    expect(set.predictions.every((one) => one !== null)).toBe(true);
    server.answers.set(protocol.listInputs.method, Promise.resolve(listOf(20, 'v2')));
    await set.read(await opened(), ['/data'], 0);
    expect(set.predictions.every((one) => one === null)).toBe(true);
  });

  it('of an earlier window hold for the same version only; a number that JSON cannot write is NaN', async () => {
    const inputs = Array.from({ length: 20 }, (_, at) => (at === 3 ? null : ([0, null, 0.9, 0.8] as const)));
    const state = (version: string) => ({
      modelPath: PATH,
      filter: ALL_INPUTS,
      predicted: { version, kind: 'class' as const, inputs },
    });
    const set = await setOf(state('v1'));
    expect(set.kind).toBe('class');
    expect(set.predictions[0]).toEqual({
      ok: true,
      value: { index: 0, logit: Number.NaN, probability: 0.9, margin: 0.8 },
    });
    await set.predict(await opened(), false);
    expect(server.batches).toEqual([[3]]);
    expect((await setOf(state('v0'))).predictions[0]).toBeNull();
  });

  it('end with a failure of the whole, and go on when the user insists', async () => {
    const set = await setOf();
    server.fails = 'too-costly';
    await set.predict(await opened(), false);
    expect([told.slice(-2), set.isPredicting]).toEqual([['end', 'too-costly'], false]);
    server.fails = null;
    await set.predict(await opened(), true);
    expect(set.predictions.every((one) => one?.ok)).toBe(true);
  });

  it('end when they are cancelled; what is predicted stays', async () => {
    start(100);
    const set = await setOf();
    const running = set.predict(await opened(), false);
    const model = await opened();
    set.cancel();
    await running;
    expect(set.isPredicting).toBe(false);
    await set.predict(model, false);
    expect(set.predictions.every((one) => one?.ok)).toBe(true);
  });
});

it('predictions are of the output that the list was read for', async () => {
  const set = await setOf();
  await set.predict(await opened(), false);
  server.answers.set(protocol.listInputs.method, Promise.resolve(listOf(20, 'of output 2')));
  await set.read(await opened(), ['/data'], 2);
  expect(server.last(protocol.listInputs)).toMatchObject({ output: 2 });
  await set.predict(await opened(), false);
  expect(server.output).toBe(2);
  expect(set.output).toBe(2);
});

describe('the next wrong one', () => {
  it('is found in both directions; only what is on the way is predicted', async () => {
    start(200);
    server.wrong = [5, 150];
    const set = await setOf();
    const model = await opened();
    expect(await set.nextWrong(model, 0, 1, () => {})).toEqual({ ok: true, value: 5 });
    expect(server.batches.flat().length).toBeLessThan(20);
    expect(await set.nextWrong(model, 5, 1, () => {})).toEqual({ ok: true, value: 150 });
    expect(await set.nextWrong(model, 150, 1, () => {})).toEqual({ ok: true, value: null });
    expect(await set.nextWrong(model, 150, -1, () => {})).toEqual({ ok: true, value: 5 });
    expect(await set.nextWrong(model, 5, -1, () => {})).toEqual({ ok: true, value: null });
  });

  it('is none where the model gives a number', async () => {
    server.wrong = [5];
    server.kind = 'number';
    const set = await setOf();
    expect(await set.nextWrong(await opened(), 0, 1, () => {})).toEqual({ ok: true, value: null });
    expect(set.truths.every((truth) => truth === null)).toBe(true);
  });
});

describe('stepping on the explain page', () => {
  const explained = (at: number, output?: number) => ({
    inputs: [source(at)],
    target: { index: 'auto', ...(output === undefined ? {} : { output }) } as const,
  });
  const withGallery = async (filter: GalleryFilter) => {
    const set = await setOf();
    await set.predict(await opened(), false);
    app.galleries.add(PATH, () => ({ set, filter }));
    return new ExplainedSeries(app, PATH);
  };

  it("follows the gallery's order and filter", async () => {
    server.wrong = [4, 7, 11];
    const series = await withGallery({ show: 'wrong', class: null, order: 'listed' });
    const model = await opened();
    expect(await series.position(model, explained(7))).toEqual({
      kind: 'wrong',
      at: 1,
      count: 3,
      truth: { index: 1, name: 'dog' },
      hasLabels: true,
    });
    expect(await series.inputsAt(model, [source(7)], 2)).toEqual([source(11)]);
    expect(await series.inputsAt(model, [source(7)], 3)).toBeNull();
    const edited = { ...source(7), edits: { values: [] } } as unknown as InputSource;
    expect(await series.inputsAt(model, [edited], 0)).toEqual([source(4)]);
  });

  it('an input that the filter does not show keeps its place among the others', async () => {
    server.wrong = [4, 11];
    const series = await withGallery({ show: 'wrong', class: null, order: 'listed' });
    expect(await series.position(await opened(), explained(7))).toMatchObject({ at: 1, count: 3 });
  });

  it('takes the labels of the explained output, which the gallery may not show', async () => {
    server.wrong = [4];
    const series = await withGallery({ show: 'all', class: null, order: 'listed' });
    server.answers.set(
      protocol.listInputs.method,
      Promise.resolve({ ...listOf(20, 'of output 1'), inputs: listOf(20, '').inputs.map(unlabelled) }),
    );
    const position = await series.position(await opened(), explained(7, 1));
    expect(position).toMatchObject({ kind: 'gallery', at: 7, truth: null, hasLabels: false });
    expect(server.last(protocol.listInputs)).toMatchObject({ output: 1 });
  });

  it('looks for the next wrong one beside the input where no gallery has it', async () => {
    server.wrong = [9];
    const series = new ExplainedSeries(app, PATH);
    const found = await series.nextWrong(await opened(), explained(2), 1, () => {});
    expect(found).toEqual({ ok: true, value: [source(9)] });
    expect(server.last(protocol.listInputs)).toMatchObject({ paths: ['/data'] });
  });
});

describe('what a gallery shows', () => {
  it("is the model's folder and where the last inputs are, until the user chooses", async () => {
    const model = await opened();
    expect(await gallerySources(app, model)).toEqual(['/models']);
    await app.settings.remember(PATH, { lastInputs: [{ kind: 'file', path: '/data/cats/1.png' }] });
    expect(await gallerySources(app, model)).toEqual(['/models', '/data/cats']);
    await app.settings.remember(PATH, { lastInputs: [{ kind: 'file', path: '/data/test.npz', sample: 3 }] });
    expect(await gallerySources(app, model)).toEqual(['/models', '/data/test.npz']);
    await app.settings.remember(PATH, { gallery: { sources: ['/data/dogs'] } });
    expect(await gallerySources(app, model)).toEqual(['/data/dogs']);
  });
});
