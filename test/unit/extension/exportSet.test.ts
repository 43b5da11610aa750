import { afterEach, beforeEach, expect, it } from 'vitest';
import { registerCommands } from '../../../src/extension/commands';
import { ExplainPanels } from '../../../src/extension/panels/explainPanels';
import { GraphPanels } from '../../../src/extension/panels/graphPanels';
import { exportSet } from '../../../src/shared/protocol';
import { FakeServer, fakeApp, NO_GRAPHS, PATH } from './fakeApp';
import { forget, onDisk, press, registered, seen, Uri } from './fakeVscode';

let server: FakeServer;
let ends: { dispose(): unknown }[] = [];
const FOLDER = '/models/random-1-grad-cam';

beforeEach(() => {
  forget();
  server = new FakeServer();
  const { app } = fakeApp(server);
  const panels = new ExplainPanels(app, async () => undefined);
  ends = registerCommands(app, panels, new GraphPanels(app, NO_GRAPHS));
  onDisk(PATH);
});
afterEach(() => {
  for (const end of ends) end.dispose();
});

const run = () => registered.get('layerglass.exportSet')?.(Uri.file(PATH));

it('exports to a new folder beside the input, and names what is missing', async () => {
  await run();
  expect(server.last(exportSet)).toMatchObject({
    ...{ method: 'grad-cam', folder: FOLDER, overwrite: false, insist: false, labels: ['cat', 'dog'] },
  });
  expect(seen.notifications).toEqual([
    {
      level: 'info',
      text: 'Exported 2 files to out. Not exported: CAM.',
      buttons: ['Open README', 'Reveal in Explorer'],
    },
  ]);
});

it('asks before it replaces the files of an earlier export', async () => {
  onDisk(PATH, `${FOLDER}/heat-map.png`, `${FOLDER}/index.json`, `${FOLDER}/notes.txt`);
  await run();
  expect(server.last(exportSet)).toBeUndefined();
  expect(seen.notifications.map(({ text }) => text)).toEqual([
    'random-1-grad-cam already contains 2 files of an export. Do you want to replace them?',
  ]);
  press.button = 'Replace';
  await run();
  expect(server.last(exportSet)).toMatchObject({ overwrite: true });
});

it('asks before a long method runs', async () => {
  const { ask } = server.client;
  const long = { kind: 'too-costly', message: 'RISE makes 8000 forward passes here: about 3 min.' } as const;
  server.client.ask = async (type, params, options) => {
    const answer = await ask(type, params, options);
    const insists = 'insist' in params && params.insist === true;
    return type.method === exportSet.method && !insists ? { ok: false, error: long } : answer;
  };
  await run();
  expect(seen.notifications.map(({ text }) => text)).toEqual([long.message]);
  press.button = 'Run Anyway';
  await run();
  expect(server.last(exportSet)).toMatchObject({ insist: true });
  expect(seen.notifications.at(-1)?.text).toContain('Exported 2 files');
});
