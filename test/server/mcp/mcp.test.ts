import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePng } from '../../../src/server/inputs/images/decodePng';
import { METHOD_IDS } from '../../../src/shared/methods';
import { readNumbers } from '../../conformance/npz';
import { badModels } from '../badModels';
import { fixture, sample } from '../cliProcess';
import { type McpSession, startMcp } from './mcpClient';

const CAT = { model: '4-cat-or-dog/cat-or-dog.keras', inputs: ['4-cat-or-dog/cat.png'] };
const MOTIF = { model: '1-sequence/motif.keras', inputs: ['1-sequence/with-motif.fasta'] };

let folder = '';
let mcp: McpSession;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'layerglass-mcp-')));
  mcp = await startMcp(['--root', sample(), '--root', folder]);
});
afterAll(async () => {
  await mcp.close();
  rmSync(folder, { recursive: true, force: true });
});

test('lists read-only tools with schemas for their inputs', async () => {
  const { tools } = await mcp.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'inspect_model',
    'layer_values',
    'explain_prediction',
    'trace_value',
    'list_methods',
    'infer_shapes',
  ]);
  for (const { annotations, inputSchema, description } of tools) {
    expect(annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(description?.length).toBeGreaterThan(80);
  }
});

describe('sample 4', () => {
  test('inspect_model lists the layers, page by page', async () => {
    const first = await mcp.ask('inspect_model', { model: CAT.model, count: 2 });
    expect(first.document).toMatchObject({
      path: sample(CAT.model),
      format: 'keras',
      inputs: [{ shape: [null, 96, 96, 3] }],
      classNames: { count: 2, names: ['cat', 'dog'] },
      preprocessing: { name: '0..1' },
      defaultLayer: 'vgg16/block5_conv3',
      filesBeside: expect.arrayContaining([sample(CAT.inputs[0] ?? '')]),
      layerCount: 24,
      layers: [{ path: 'picture' }, { path: 'vgg16', class: 'Functional', params: 48712 }],
      next: 2,
    });
    const rest = await mcp.ask('inspect_model', { model: CAT.model, from: 23, layer: 'vgg16/block1_conv1' });
    expect(rest.document).toMatchObject({
      config: { layer: 'vgg16/block1_conv1', config: { filters: 8 } },
      layers: [{ class: 'Dense', inbound: [expect.any(String)] }],
      next: null,
    });
  });

  test('explain_prediction answers with the picture and the numbers of Keras', async () => {
    const { document, pictures, isError } = await mcp.ask('explain_prediction', CAT);
    const logit = await logitOf('4-cat');
    expect(isError).toBe(false);
    expect(document).toMatchObject({
      sentence: expect.stringContaining('Grad-CAM of class 0 (cat)'),
      predictions: [
        { label: 'cat', logit: expect.closeTo(-logit, 3) },
        { label: 'dog', logit: expect.closeTo(logit, 3) },
      ],
      method: 'grad-cam',
      maps: [{ shape: [6, 6], picture: { width: 288, height: 288 }, strongest: { length: 5 } }],
    });
    expect(pictures).toHaveLength(1);
    const picture = await decodePng(pictures[0] ?? Buffer.alloc(0), 'picture');
    expect([picture.width, picture.height]).toEqual([288, 288]);
  });

  test('a class is named by its index or its name', async () => {
    const byName = await mcp.ask('explain_prediction', { ...CAT, target: 'dog', method: 'saliency' });
    expect(byName.document).toMatchObject({ target: { label: 'dog' }, method: 'saliency' });
    const unknown = await mcp.ask('explain_prediction', { ...CAT, target: 'horse' });
    expect(unknown).toMatchObject({ isError: true, text: expect.stringContaining('one of: cat, dog') });
  });
});

describe('sample 1', () => {
  test('layer_values answers with statistics and exact values', async () => {
    const { document } = await mcp.ask('layer_values', { ...MOTIF, layer: 'dense' });
    expect(document).toMatchObject({
      class: 'Dense',
      activation: 'sigmoid',
      before: { shape: [1, 1], max: expect.closeTo(await logitOf('1-sequence-with-motif'), 4) },
      largest: [{ index: [0] }],
      exact: { stage: 'post', shape: [1, 1] },
    });
    const wide = await mcp.ask('layer_values', { ...MOTIF, layer: 'conv1d', row: 216, stage: 'pre' });
    expect(wide.document).toMatchObject({
      before: { shape: [1, 1802, 20] },
      exact: {
        stage: 'pre',
        axes: ['batch', 'position', 'channel'],
        rows: { from: 216 },
        values: { length: 16 },
      },
    });
  });

  test('trace_value takes a pooled value apart and finds its position', async () => {
    const { document } = await mcp.ask('trace_value', { ...MOTIF, layer: 'global_max_pooling1d', unit: 3 });
    expect(document).toMatchObject({
      class: 'GlobalMaxPooling1D',
      unit: 3,
      form: 'max',
      terms: [{ weight: 1, from: { layer: 'conv1d', unit: 3 } }],
      origin: { read: 'conv1d', pooling: 'max', inputSize: [1803] },
    });
  });

  test('explain_prediction draws the sequence', async () => {
    const { pictures, document } = await mcp.ask('explain_prediction', MOTIF);
    expect(pictures).toHaveLength(1);
    expect(document).toMatchObject({
      predictions: [{ label: 'CG planted' }, {}],
      maps: [{ shape: [1802], strongest: { length: 3, 0: { position: [217], onInput: [[217, 219]] } } }],
    });
  });
});

test('list_methods lists all, and one with its options', async () => {
  const all = await mcp.ask('list_methods');
  expect(all.document).toMatchObject({ methods: METHOD_IDS.map((id) => ({ id })) });
  const one = await mcp.ask('list_methods', { method: 'rise' });
  expect(one.document).toMatchObject({
    options: expect.arrayContaining([expect.objectContaining({ type: 'integer' })]),
  });
});

test('infer_shapes reads Keras code without running it', async () => {
  const code = [
    'from keras import Sequential, layers',
    'model = Sequential([layers.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])',
  ];
  writeFileSync(join(folder, 'build.py'), code.join('\n'));
  const { document } = await mcp.ask('infer_shapes', { file: join(folder, 'build.py') });
  expect(document).toMatchObject({
    rows: expect.arrayContaining([
      expect.objectContaining({ line: 2, className: 'Conv2D', outputShape: [null, 26, 26, 8], params: 80 }),
      expect.objectContaining({ className: 'Dense', params: 26 * 26 * 8 * 10 + 10 }),
    ]),
    next: null,
  });
  expect(await mcp.ask('infer_shapes', { file: '/etc/hostname' })).toMatchObject({ isError: true });
});

describe('errors say what to try next', () => {
  test.each([
    [
      'a missing argument',
      'inspect_model',
      {},
      /^model of inspect_model is not valid.*Its arguments are: model, from/,
    ],
    ['an unknown argument', 'list_methods', { path: 'x' }, /list_methods is not valid.*Unrecognized key/],
    ['an unknown tool', 'delete_model', {}, /^There is no tool "delete_model"\. There are: inspect_model/],
    [
      'a missing file',
      'inspect_model',
      { model: 'nothing.keras' },
      /^There is no file .*nothing\.keras\. Check the path/,
    ],
    [
      'an unknown layer',
      'layer_values',
      { ...MOTIF, layer: 'nope' },
      /no layer "nope"\. List the layers with inspect_model/,
    ],
    [
      'no inputs',
      'trace_value',
      { model: CAT.model, layer: 'dense' },
      /picture \(None, 96, 96, 3\) float32\. Beside the model are: .*cat\.png/,
    ],
    [
      'an option that names a file',
      'explain_prediction',
      { ...CAT, method: 'occlusion', options: { baseline: '../x.npy' } },
      /^options\.baseline of explain_prediction is not valid/,
    ],
  ])('%s', async (_, tool, input, message) => {
    expect(await mcp.ask(tool, input)).toMatchObject({ isError: true, text: expect.stringMatching(message) });
  });
});

describe('what is outside the folders stays closed', () => {
  test.each([
    ['an absolute path', () => '/etc/passwd'],
    ['a path that leaves', () => '../package.json'],
    ['the folder of a root', () => join(folder, '..')],
    ['a folder whose name only starts like a root', () => `${folder}-more/model.keras`],
    [
      'a link inside to a file outside',
      () => {
        symlinkSync(fixture('formats'), join(folder, 'link'));
        return join(folder, 'link', 'nothing.keras');
      },
    ],
  ])('%s', async (_, path) => {
    const answer = await mcp.ask('inspect_model', { model: path() });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('is outside the folders that may be read');
    expect(answer.text).toContain(sample());
  });

  test('inputs as well', async () => {
    const answer = await mcp.ask('explain_prediction', { ...CAT, inputs: [fixture('images/none.png')] });
    expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('outside the folders') });
  });

  test('the client says what is open; without it the current folder is', async () => {
    const open = await startMcp([], { cwd: folder, roots: [sample('1-sequence')] });
    const here = await startMcp([], { cwd: sample('1-sequence') });
    const nowhere = await startMcp([], { cwd: '/' });
    try {
      for (const session of [open, here]) {
        expect(await session.ask('inspect_model', { model: 'motif.keras' })).toMatchObject({
          isError: false,
        });
        const cat = await session.ask('inspect_model', { model: sample(CAT.model) });
        expect(cat.text).toContain('outside the folders');
      }
      const nothing = await nowhere.ask('inspect_model', { model: sample(CAT.model) });
      expect(nothing).toMatchObject({ isError: true, text: expect.stringContaining('add --root FOLDER') });
    } finally {
      await Promise.all([open.close(), here.close(), nowhere.close()]);
    }
  });
});

test('hostile models are refused one by one, and the next question is answered', async () => {
  for (const { what, path } of badModels(join(folder, 'bad'))) {
    const answer = await mcp.ask('inspect_model', { model: path });
    expect(answer.isError, what).toBe(true);
  }
  expect(await mcp.ask('explain_prediction', CAT)).toMatchObject({ isError: false });
});

test('names of a model cannot control a terminal, and long answers are bounded', async () => {
  const spot = readFileSync(sample('3-binary/spot/model.json'), 'utf8');
  mkdirSync(join(folder, 'names'));
  const path = join(folder, 'names', 'model.json');
  writeFileSync(path, spot.replaceAll('conv2d_1', `\\u001b[2J\\u202e${'x'.repeat(900)}`));
  const { text, isError } = await mcp.ask('inspect_model', { model: path });
  expect(isError).toBe(false);
  expect(text).not.toMatch(/\p{Cc}|\u202e/u);
  expect(text.length).toBeLessThan(48_000);
});

test('long work reports progress, and ends when it is cancelled', async () => {
  const abort = new AbortController();
  const progress: number[] = [];
  const long = mcp.client.callTool(
    {
      name: 'explain_prediction',
      arguments: { ...CAT, method: 'smooth-grad', options: { samples: 10_000 }, costly: true },
    },
    undefined,
    {
      signal: abort.signal,
      onprogress: ({ progress: value }) => {
        progress.push(value);
        if (progress.length === 3) abort.abort();
      },
    },
  );
  await expect(long).rejects.toThrow(/abort/i);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  // One thing is computed at a time: the answer comes after the run has ended.
  expect(await mcp.ask('explain_prediction', MOTIF)).toMatchObject({ isError: false });
});

test('nothing but the protocol is written, and the process ends with its client', async () => {
  const session = await startMcp(['--root', sample()]);
  const errors: Error[] = [];
  session.client.onerror = (error) => errors.push(error);
  await session.ask('explain_prediction', CAT);
  await session.close();
  expect(errors).toEqual([]);
  expect(session.stderr()).toBe('');
});

/** Before the sigmoid, as Keras computes it. */
async function logitOf(name: string): Promise<number> {
  const arrays = await readNumbers(fixture(`samples/${name}.npz`));
  return arrays.get('logit')?.values[0] ?? Number.NaN;
}
