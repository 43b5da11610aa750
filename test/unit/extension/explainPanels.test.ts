import { beforeEach, describe, expect, it } from 'vitest';
import { ExplainPanels } from '../../../src/extension/explainPanels';
import { explain } from '../../../src/shared/protocol';
import { sidecarPath, sidecarVersion } from '../../../src/shared/sidecar';
import type { ExplainContext } from '../../../src/shared/view';
import { FakeServer, fakeApp, PATH } from './fakeApp';
import { type FakePanel, forget, press, seen, stats } from './fakeVscode';

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
  const ready = (await panel.call('ready', null)) as { readonly value: ExplainContext };
  await panel.call('explain', ready.value.choice, null);
  return ready.value;
}

describe('a click on Explain Prediction', () => {
  it('takes three messages to the server', async () => {
    await click();
    expect(server.names).toEqual(['openModel', 'activeModelChanged', 'explain']);
    expect(server.last(explain)).toMatchObject({
      inputs: [{ kind: 'random', seed: 1 }],
      labels: ['cat', 'dog'],
    });
  });

  it('on a model that is open takes one: the question', async () => {
    const panel = await click();
    panel.dispose();
    server.sent.length = 0;
    await click();
    expect(server.names).toEqual(['explain']);
  });
});

describe('a sidecar', () => {
  it('that is edited by hand takes effect with the next question, and is read once', async () => {
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
    expect(server.names).toEqual(['openModel', 'activeModelChanged', 'explain']);
    expect(server.last(explain)).toMatchObject({ inputs: [{ kind: 'random', seed: 7 }] });
    expect(warnings).toContain(message);
  });
});
