import { beforeEach, describe, expect, it } from 'vitest';
import { ExplainPanels } from '../../../src/extension/panels/explainPanels';
import * as protocol from '../../../src/shared/protocol';
import type { Explained } from '../../../src/shared/view';
import { explanation, FakeServer, fakeApp, PATH } from './fakeApp';
import { type FakePanel, forget, press, seen } from './fakeVscode';

let server: FakeServer;
let panels: ExplainPanels;

beforeEach(() => {
  forget();
  server = new FakeServer();
  panels = new ExplainPanels(fakeApp(server).app, async () => undefined);
  server.answers.set(protocol.trust.method, { verdict: 'believe' });
  server.answers.set(protocol.whatWouldChange.method, { isFound: true });
  server.answers.set(protocol.wasItTheInput.method, { variations: [] });
});

async function open(): Promise<FakePanel> {
  await panels.explain(PATH);
  const panel = seen.panels.at(-1);
  if (panel === undefined) throw new Error('no page was opened');
  await panel.call('ready');
  await explained(panel);
  return panel;
}
const explained = async (panel: FakePanel): Promise<Explained> => {
  const answer = (await panel.call('explain', null, null)) as { readonly value: Explained };
  return answer.value;
};

describe('a question about an explanation', () => {
  it('is asked about the choice of the page, with the labels of the model', async () => {
    const panel = await open();
    await panel.call('change', { method: 'saliency', target: { index: 1, output: 2 } });
    const run = {
      modelId: 'open-1',
      inputs: [{ kind: 'random', seed: 1 }],
      labels: ['cat', 'dog'],
      insist: false,
    };
    expect(await panel.call('trust', false)).toEqual({ ok: true, value: { verdict: 'believe' } });
    expect(server.last(protocol.trust)).toMatchObject({
      ...run,
      method: 'saliency',
      target: { index: 1, output: 2 },
    });
    await panel.call('whatWouldChange', true);
    expect(server.last(protocol.whatWouldChange)).toMatchObject({
      ...run,
      target: { index: 1 },
      insist: true,
    });
    await panel.call('wasItTheInput', false);
    expect(server.last(protocol.wasItTheInput)).toMatchObject({ ...run, output: 2 });
    expect(server.last(protocol.wasItTheInput)).not.toHaveProperty('target');
  });

  it('removes groups as the method does, where the method removes groups', async () => {
    const panel = await open();
    await panel.call('change', { method: 'integrated-gradients', options: { steps: 20 } });
    await panel.call('whatWouldChange', false);
    expect(server.last(protocol.whatWouldChange)).not.toHaveProperty('options');
    await panel.call('change', { method: 'feature-ablation', options: { segments: 20 } });
    await panel.call('whatWouldChange', false);
    expect(server.last(protocol.whatWouldChange)).toMatchObject({ options: { segments: 20 } });
  });

  it('counts as a click: a server that was given up may start for it', async () => {
    const panel = await open();
    const before = server.asks;
    await panel.call('trust', false);
    expect(server.asks).toBe(before + 1);
  });

  it('with an invalid argument is not asked', async () => {
    const panel = await open();
    expect(await panel.call('trust', 'yes')).toMatchObject({ error: { kind: 'internal' } });
    expect(server.last(protocol.trust)).toBeUndefined();
  });

  it.each([
    ['another question', 'wasItTheInput', [false]],
    ['a changed choice', 'change', [{ method: 'saliency' }]],
    ['the next explanation', 'explain', [null, null]],
    ['Cancel', 'cancelQuestion', []],
  ] as const)('is cancelled by %s', async (_, call, args) => {
    const tokens: { readonly isCancellationRequested: boolean }[] = [];
    const { ask } = server.client;
    Object.assign(server.client, {
      ask: (type: never, params: never, options: { readonly token: (typeof tokens)[number] }) => {
        if (type === (protocol.trust as unknown)) tokens.push(options.token);
        return ask(type, params);
      },
    });
    const panel = await open();
    let answer = (_value: unknown) => {};
    const running = new Promise((done) => {
      answer = done;
    });
    server.answers.set(protocol.trust.method, running);
    const asked = panel.call('trust', false);
    await expect.poll(() => tokens).toHaveLength(1);
    const [token] = tokens;
    expect(token?.isCancellationRequested).toBe(false);
    await panel.call(call, ...args);
    expect(token?.isCancellationRequested).toBe(true);
    answer({ verdict: 'doubt' });
    await asked;
  });

  it('is not cancelled by colours, nor by a map beside the first one', async () => {
    const panel = await open();
    let isDone = false;
    let answer = (_value: unknown) => {};
    server.answers.set(
      protocol.trust.method,
      new Promise((done) => {
        answer = done;
      }),
    );
    const asked = panel.call('trust', false).then((result) => {
      isDone = true;
      return result;
    });
    await panel.call('change', { opacity: 0.5 });
    await panel.call('explain', null, { target: { index: 1 } });
    expect(isDone).toBe(false);
    answer({ verdict: 'doubt' });
    expect(await asked).toEqual({ ok: true, value: { verdict: 'doubt' } });
  });
});

describe('answers', () => {
  it('come with the same explanation again, and never with another one', async () => {
    const panel = await open();
    await panel.call('trust', false);
    await panel.call('whatWouldChange', false);
    await panel.call('wasItTheInput', false);
    const all = {
      trust: { verdict: 'believe' },
      whatWouldChange: { isFound: true },
      wasItTheInput: { variations: [] },
    };
    expect((await explained(panel)).answers).toEqual(all);

    // The map is another one, the prediction and the input are the same.
    await panel.call('change', { method: 'saliency' });
    const { trust: _, ...ofPrediction } = all;
    expect((await explained(panel)).answers).toEqual(ofPrediction);
    server.answers.set(protocol.explain.method, { ...explanation, target: { index: 1 } });
    await panel.call('change', { target: { index: 1 } });
    expect((await explained(panel)).answers).toEqual({ wasItTheInput: all.wasItTheInput });
    // Class 0 by its number is what "auto" was.
    server.answers.delete(protocol.explain.method);
    await panel.call('change', { method: 'grad-cam', target: { index: 0, output: 0 } });
    expect((await explained(panel)).answers).toEqual(all);
    await panel.call('change', { layer: 'conv', display: 'signed' });
    expect((await explained(panel)).answers).toEqual(ofPrediction);
    await panel.call('change', { display: 'positive' });

    server.answers.set(protocol.explain.method, { ...explanation, inputKey: 'another input' });
    Object.assign(press, { item: 'Random…', text: '9' });
    await panel.call('pickInput');
    expect((await explained(panel)).answers).toEqual({});
  });

  it('are of one version of the model file and of the input', async () => {
    const panel = await open();
    await panel.call('trust', false);
    server.answers.set(protocol.explain.method, { ...explanation, inputKey: 'version 2' });
    expect((await explained(panel)).answers).toEqual({});
    server.answers.set(protocol.explain.method, { ...explanation, inputKey: null });
    expect((await explained(panel)).answers).toEqual({});
    await panel.call('trust', false);
    expect((await explained(panel)).answers).toEqual({});
  });

  it('do not come with a map beside the first one', async () => {
    const panel = await open();
    await panel.call('trust', false);
    expect(await panel.call('explain', null, { target: { index: 1 } })).not.toHaveProperty('value.answers');
  });
});
