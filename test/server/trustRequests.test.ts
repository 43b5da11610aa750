import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { LayerglassError, Result } from '../../src/shared/errors';
import type { InputSource } from '../../src/shared/inputs';
import * as protocol from '../../src/shared/protocol';
import type { Trust } from '../../src/shared/results/trust';
import type { WasItTheInput, WhatWouldChange } from '../../src/shared/results/whatIf';
import { unpackNumbers } from '../../src/shared/wireNumbers';
import { activation, writeTfjs } from './badModels';
import { json, sample } from './cliProcess';
import { errorOf, type ServerProcess, startServer, value } from './serverProcess';

/** The requests behind "How far to trust it", "Was it the input?" and "What would change it?", as a client sends them. */

const CAT = sample('4-cat-or-dog/cat-or-dog.keras');
const CAT_IMAGE = sample('4-cat-or-dog/cat-and-dog.png');
const REVIEW = sample('6-text/review.keras');
const OPINION = sample('6-text/not-good.txt');
const PRICES = sample('7-table/prices.keras');
const HOUSES = sample('7-table/houses.csv');
const wasm = ['--backend', 'wasm'];

let server: ServerProcess;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-trust-'));
  server = await startServer(resolve(import.meta.dirname, '../../dist/server.js'), { backend: 'wasm' });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function params(model: string, input: string | InputSource): Promise<protocol.ExplainParams> {
  const opened = value(await server.request(protocol.openModel, { path: model }));
  return {
    modelId: opened.modelId,
    inputs: [typeof input === 'string' ? { kind: 'file', path: input } : input],
    preprocessing: opened.defaultPreprocessing,
    labels: opened.sidecar.settings.ok ? (opened.sidecar.settings.value?.labels ?? []) : [],
    method: 'grad-cam',
    layer: 'auto',
    target: { index: 'auto' },
  };
}

const REQUESTS = [protocol.trust, protocol.whatWouldChange, protocol.wasItTheInput] as const;

/** What the questions themselves report, after the run and the explanation. */
const DOING =
  /^(Inserting and deleting|Redrawing the weights|Explaining another|Adding noise|Back through|Removing (each|more)|Running: )/;

interface Report {
  readonly kind: string;
  readonly title?: string;
  readonly percentage?: number;
  readonly message?: string;
}

/** Sends a request that asks for progress. @param cancelAt the first report at which it is cancelled */
async function reported(
  { method }: { readonly method: string },
  params: object,
  cancelAt?: (report: Report) => boolean,
): Promise<{ readonly result: Result<unknown>; readonly reports: readonly Report[] }> {
  const workDoneToken = `token of ${method}`;
  const reports: Report[] = [];
  const source = new CancellationTokenSource();
  const listening = server.connection.onNotification(
    '$/progress',
    (progress: { token: string; value: Report }) => {
      if (progress.token !== workDoneToken) return;
      reports.push(progress.value);
      if (cancelAt?.(progress.value)) source.cancel();
    },
  );
  try {
    const sent = server.connection.sendRequest(method, { ...params, workDoneToken }, source.token);
    return { result: unpackNumbers(await sent) as Result<unknown>, reports };
  } finally {
    listening.dispose();
  }
}

describe('the answer is that of the command line', () => {
  const cat = [CAT, '--input', CAT_IMAGE, ...wasm];

  test('the verdict, with its figures', async () => {
    const { trust } = await json<{ readonly trust: Trust }>(['explain', ...cat, '--trust']);
    expect(trust.verdict).toBe('believe');
    const answer = value(await server.request(protocol.trust, await params(CAT, CAT_IMAGE)));
    expect(answer).toEqual(trust);
  });

  test('the versions of an input', async () => {
    const { method: _, layer: __, target: ___, ...asked } = await params(CAT, CAT_IMAGE);
    const answer = value(await server.request(protocol.wasItTheInput, asked));
    expect(answer).toEqual(await json<WasItTheInput>(['vary', ...cat]));
  });

  test('what would change it: the words and the positions that are removed', async () => {
    const answer = value(await server.request(protocol.whatWouldChange, await params(REVIEW, OPINION)));
    expect(answer).toEqual(await json<WhatWouldChange>(['change', REVIEW, '--input', OPINION, ...wasm]));
    const [part] = answer.removed;
    const mask = [...Buffer.from(part?.mask.data ?? '', 'base64')];
    expect(part?.mask).toMatchObject({ dtype: 'uint8', shape: [mask.length] });
    expect(mask.filter((byte) => byte === 1)).toHaveLength(part?.removedGroups ?? 0);
  });
});

describe('progress and cancellation', () => {
  test.each(REQUESTS)('$method names what it does, and the share of the work never shrinks', async (type) => {
    // The explanation is cached, so that every report is one of the question itself.
    const asked = await params(CAT, CAT_IMAGE);
    value(await server.request(protocol.explain, asked));
    const { result, reports } = await reported(type, asked);
    expect(result.ok).toBe(true);
    expect([reports[0]?.kind, reports.at(-1)?.kind]).toEqual(['begin', 'end']);
    const named = reports.flatMap(({ title, message = title }) => message ?? []);
    expect(named.filter((name) => !DOING.test(name))).toEqual([]);
    const shares = reports.flatMap(({ percentage }) => percentage ?? []);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThanOrEqual(100);
  });

  test.each(REQUESTS)('$method stops when it is cancelled, and the next one is answered', async (type) => {
    const asked = await params(CAT, CAT_IMAGE);
    // The run is cached: it is the question itself that is cancelled.
    value(await server.request(protocol.explain, asked));
    const { result, reports } = await reported(type, asked, ({ title = '', message = title }) =>
      DOING.test(message),
    );
    expect(errorOf(result)).toMatchObject({ kind: 'cancelled' });
    expect(reports.at(-1)?.kind).toBe('end');
    expect(value(await server.request(protocol.wasItTheInput, asked)).variations.length).toBeGreaterThan(0);
  });

  test.each(REQUESTS)('$method that is cancelled while it waits never starts', async (type) => {
    const asked = await params(CAT, { kind: 'random', seed: 40 });
    const [first, second] = [new CancellationTokenSource(), new CancellationTokenSource()];
    const send = (token: CancellationTokenSource['token']) =>
      server.connection.sendRequest<Result<unknown>>(type.method, asked, token);
    const [running, waiting] = [send(first.token), send(second.token)];
    second.cancel();
    first.cancel();
    expect(errorOf(await waiting).kind).toBe('cancelled');
    expect(errorOf(await running).kind).toBe('cancelled');
  });
});

describe('what is refused', () => {
  type Wrong = readonly [(typeof REQUESTS)[number], object, string];
  const wrong: readonly Wrong[] = [
    ...REQUESTS.flatMap((type): Wrong[] => [
      [type, { modelId: 5 }, 'modelId'],
      [type, { inputs: 'file' }, 'inputs'],
      [type, { preprocessing: { name: '__proto__' } }, 'preprocessing.name'],
      [type, { labels: [1] }, 'labels.0'],
      [type, { insist: 'yes' }, 'insist'],
    ]),
    [protocol.trust, { method: 'constructor' }, 'method'],
    [protocol.trust, { layer: 7 }, 'layer'],
    [protocol.trust, { target: undefined }, 'target'],
    [protocol.whatWouldChange, { target: { index: '0' } }, 'target.index'],
    [protocol.whatWouldChange, { options: { segments: null } }, 'options.segments'],
    [protocol.wasItTheInput, { output: -1 }, 'output'],
  ];
  test.each(wrong.map(([{ method }, change, place]) => [method, change, place] as const))(
    'of %s a wrong value is named: %o',
    async (method, change, place) => {
      const sent = { ...(await params(CAT, CAT_IMAGE)), ...change };
      expect(unpackNumbers(await server.connection.sendRequest(method, sent))).toMatchObject({
        ok: false,
        error: {
          kind: 'bad-input',
          message: `The request ${method} has a wrong or missing value for ${place}.`,
        },
      });
    },
  );

  /** All three, so that none of them hides the reason of the run. */
  async function refusals(model: string, input: string | InputSource): Promise<LayerglassError[]> {
    const asked = await params(model, input);
    return Promise.all(
      REQUESTS.map(async ({ method }) =>
        errorOf(unpackNumbers(await server.connection.sendRequest(method, asked)) as Result<unknown>),
      ),
    );
  }

  test('a model with a layer that cannot be run, by the name of the layer', async () => {
    const layers = [activation('fine', 'tanh'), { class_name: 'Sharpen', config: { name: 'sharpen' } }];
    const model = writeTfjs(join(folder, 'unknown'), [8, 8, 3], layers);
    for (const error of await refusals(model, { kind: 'random', seed: 1 }))
      expect(error).toMatchObject({ kind: 'unknown-layer', message: expect.stringContaining('sharpen') });
  });

  test('an input that does not exist', async () => {
    for (const error of await refusals(CAT, join(folder, 'missing.png')))
      expect(error).toMatchObject({
        kind: 'file-not-found',
        message: expect.stringContaining('missing.png'),
      });
  });

  test('a model that was closed', async () => {
    const asked = await params(CAT, CAT_IMAGE);
    for (const { method } of REQUESTS) {
      const result = await server.connection.sendRequest(method, { ...asked, modelId: 'gone' });
      expect(errorOf(unpackNumbers(result) as Result<unknown>).kind).toBe('closed');
    }
  });

  test('a question that an input or an output does not have, with a way out', async () => {
    const asked = await params(PRICES, HOUSES);
    const change = errorOf(await server.request(protocol.whatWouldChange, asked));
    const vary = errorOf(await server.request(protocol.wasItTheInput, asked));
    expect(change).toMatchObject({
      kind: 'not-applicable',
      message: expect.stringMatching(/has no class that could change/),
      remedy: expect.any(String),
    });
    expect(vary).toMatchObject({
      kind: 'not-applicable',
      message: expect.stringMatching(/holds no image and no signal/),
      remedy: expect.any(String),
    });
  });
});
