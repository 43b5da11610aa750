import { beforeEach, describe, expect, it } from 'vitest';
import { ExplainPanels } from '../../../src/extension/panels/explainPanels';
import { explain } from '../../../src/shared/protocol';
import { sidecarPath, sidecarVersion } from '../../../src/shared/sidecar';
import type { ExplainContext } from '../../../src/shared/view';
import { FakeServer, fakeApp, PATH } from './fakeApp';
import { type FakePanel, forget, press, seen, stats, window } from './fakeVscode';

let server: FakeServer;
let panels: ExplainPanels;
let warnings: string[];
/** When the sidecar was written last. */
let written = 0;

beforeEach(() => {
  forget();
  written = 0;
  stats((path) => ({ mtime: path === sidecarPath(PATH) ? written : 0, size: 1 }));
  server = new FakeServer();
  const fake = fakeApp(server);
  warnings = fake.warnings;
  panels = new ExplainPanels(fake.app, async () => undefined);
});

/** A click on Explain Prediction, and what the page then asks. */
async function click(): Promise<FakePanel> {
  await panels.explain(PATH);
  const panel = seen.panels.at(-1);
  if (panel === undefined) throw new Error('no page was opened');
  await askAgain(panel);
  return panel;
}
async function askAgain(panel: FakePanel): Promise<ExplainContext> {
  const ready = (await panel.call('ready')) as { readonly value: ExplainContext };
  await panel.call('explain', null, null);
  return ready.value;
}

describe('a click on Explain Prediction', () => {
  it('sends three messages to the server', async () => {
    await click();
    expect(server.names).toEqual(['openModel', 'activeModelChanged', 'explain']);
    expect(server.last(explain)).toMatchObject({
      inputs: [{ kind: 'random', seed: 1 }],
      labels: ['cat', 'dog'],
    });
  });

  it('requests the explanation while the page loads, which gets it with its first request', async () => {
    await panels.explain(PATH);
    await expect.poll(() => server.names).toEqual(['openModel', 'activeModelChanged', 'explain']);
    const panel = seen.panels.at(-1);
    await panel?.call('ready');
    expect(await panel?.call('explain', null, null)).toMatchObject({ ok: true });
    expect(server.names.filter((name) => name === 'explain')).toHaveLength(1);
    await panel?.call('explain', null, null);
    expect(server.names.filter((name) => name === 'explain')).toHaveLength(2);
  });

  it('does not show what was requested early once something else is chosen', async () => {
    await panels.explain(PATH);
    const panel = seen.panels.at(-1);
    await panel?.call('change', { layer: 'conv' });
    await panel?.call('explain', null, null);
    expect(server.names.filter((name) => name === 'explain')).toHaveLength(2);
    expect(server.last(explain)).toMatchObject({ layer: 'conv' });
  });

  it('on an open model sends only the request', async () => {
    const panel = await click();
    panel.dispose();
    server.sent.length = 0;
    await click();
    expect(server.names).toEqual(['explain']);
  });
});

describe('a sidecar', () => {
  it('that is edited by hand takes effect with the next request, and is read once', async () => {
    const panel = await click();
    server.sent.length = 0;
    written = 5;
    server.sidecar = {
      version: sidecarVersion({ mtime: written, size: 1 }),
      settings: { ok: true, value: { labels: ['tabby', 'husky'] } },
    };
    expect((await askAgain(panel)).labels).toEqual(['tabby', 'husky']);
    expect(server.last(explain)).toMatchObject({ labels: ['tabby', 'husky'] });
    expect(server.names).toEqual(['readSidecar', 'explain']);
  });

  it('that is broken is logged, and the model opens without it', async () => {
    const message = 'cat.keras.layerglass.json is not valid JSON.';
    server.sidecar = { version: '0 1', settings: { ok: false, error: { kind: 'bad-config', message } } };
    // The sidecar chooses no input, so the user is asked for one.
    Object.assign(press, { item: 'Random…', text: '7' });
    await click();
    // The server prepares the run while they choose.
    expect(server.names).toEqual(['openModel', 'activeModelChanged', 'willExplain', 'explain']);
    expect(server.last(explain)).toMatchObject({ inputs: [{ kind: 'random', seed: 7 }] });
    expect(warnings).toContain(message);
  });
});

describe('the choice of an explain page', () => {
  it('is kept here: what the user changes is merged into it', async () => {
    const panel = await click();
    const target = { index: 1, negative: false };
    expect(await panel.call('change', { target })).toMatchObject({ layer: 'auto', target });
    await panel.call('change', { target: { score: 'probability' }, layer: 'conv' });
    await panel.call('change', { colourMap: 'magma', opacity: 0.25 });
    await panel.call('explain', null, null);
    const whole = { layer: 'conv', target: { ...target, score: 'probability' } };
    expect(server.last(explain)).toMatchObject(whole);
    expect(panels.shown).toMatchObject({ ...whole, colourMap: 'magma', opacity: 0.25 });
    // A page that comes back shows the same.
    expect((await askAgain(panel)).choice).toEqual(panels.shown);
  });

  it('outlives a request about another class, which is only compared', async () => {
    const panel = await click();
    const before = panels.shown;
    await panel.call('explain', 'known', { target: { index: 1 } });
    expect(server.last(explain)).toMatchObject({ target: { index: 1 }, knownInput: 'known' });
    expect(panels.shown).toEqual(before);
  });

  it('takes a text that the user types, and remembers it', async () => {
    server.inputs = [{ name: 'x', shape: [null, 1], dtype: 'string' }];
    const panel = await click();
    const inputs = [{ kind: 'text', text: 'The music was not good,\nthe rest was never dull.' }];
    expect(await panel.call('typeInput', 0, inputs[0]?.text)).toMatchObject({
      value: {
        choice: { inputs },
        inputNames: ['“The music was not good, the rest was nev…”'],
        typed: ['text'],
      },
    });
    await panel.call('explain', null, null);
    expect(server.last(explain)).toMatchObject({ inputs });
    panel.dispose();
    expect((await askAgain(await click())).choice.inputs).toEqual(inputs);
    // The picker offers it again, and typing another one.
    Object.assign(press, { item: 'Type a Text…', text: 'Great.' });
    expect(await seen.panels.at(-1)?.call('pickInput')).toMatchObject({
      choice: { inputs: [{ kind: 'text', text: 'Great.' }] },
    });
  });

  it('refuses a text for one of several inputs while the others are missing', async () => {
    server.inputs = [1, 2].map((i) => ({ name: `text ${i}`, shape: [null, 1], dtype: 'string' }));
    Object.assign(press, { item: 'Type a Text…', text: 'Good.' });
    const panel = await click();
    const good = { kind: 'text', text: 'Good.' };
    const bad = { kind: 'text', text: 'Bad.' };
    expect(panels.shown?.inputs).toEqual([good, good]);
    expect(await panel.call('typeInput', 1, 'Bad.')).toMatchObject({
      value: { choice: { inputs: [good, bad] } },
    });
    server.inputs = [...server.inputs, { name: 'more', shape: [null, 1], dtype: 'string' }];
    server.restart();
    expect(await panel.call('typeInput', 1, 'Worse.')).toMatchObject({
      error: {
        kind: 'bad-input',
        message: 'The model takes 3 inputs, and "text 1" (None, 1), "more" (None, 1) are not chosen yet.',
      },
    });
    expect(panels.shown?.inputs).toEqual([good, bad]);
  });

  it('takes the input that the user picks, and the page gets it as the result', async () => {
    const panel = await click();
    Object.assign(press, { item: 'Random…', text: '9' });
    const inputs = [{ kind: 'random', seed: 9 }];
    expect(await panel.call('pickInput')).toMatchObject({
      choice: { inputs },
      inputNames: [expect.stringContaining('9')],
    });
    expect(panels.shown?.inputs).toEqual(inputs);
    Object.assign(press, { item: undefined });
    expect(await panel.call('pickInput')).toBeNull();
    expect(panels.shown?.inputs).toEqual(inputs);
  });

  it('is not changed by an invalid message', async () => {
    const panel = await click();
    const before = panels.shown;
    for (const change of [{ method: 'nothing' }, { opacity: 2 }, { target: { index: '0' } }, null]) {
      expect(await panel.call('change', change)).toMatchObject({ error: { kind: 'internal' } });
    }
    expect(panels.shown).toEqual(before);
  });

  it('survives a restart of the server: the page gets the same choice again', async () => {
    const panel = await click();
    await panel.call('change', { layer: 'conv' });
    server.restart();
    await expect.poll(() => panel.told.at(-1)?.tell).toBe('setContext');
    expect(panel.told.map(({ tell }) => tell)).toContain('serverDown');
    expect(panel.told.at(-1)?.args[0]).toMatchObject({ choice: { layer: 'conv' } });
  });

  it('is restored from what VS Code stored, if that is valid', async () => {
    const stored = { ...(await click().then(() => panels.shown)), opacity: 0.75, compare: true };
    seen.panels.at(-1)?.dispose();
    const restored = window.createWebviewPanel('layerglass.explain', 'Explain');
    await panels.deserializeWebviewPanel(restored as never, stored);
    expect((await askAgain(restored)).choice).toEqual(stored);
    let closed = false;
    const broken = window.createWebviewPanel('layerglass.explain', 'Explain');
    broken.onDidDispose(() => {
      closed = true;
    });
    await panels.deserializeWebviewPanel(broken as never, { ...stored, opacity: 'half' });
    expect(closed).toBe(true);
  });
});
