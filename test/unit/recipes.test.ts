import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeBundle } from '../../scripts/build.mjs';
import { parseNpy, writeNpy } from '../../src/server/inputs/arrays/npy';

const ROOT = join(__dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/contributing.md'), 'utf8');

const copy = mkdtempSync(join(tmpdir(), 'layerglass-recipes-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A code block of a recipe: a new file, or lines for a table of one that exists. */
interface Step {
  readonly file: string;
  readonly table: string | null;
  readonly text: string;
}

interface Recipe {
  /** How many files the recipe claims to change, and which. */
  readonly count: number;
  readonly files: readonly string[];
  readonly steps: readonly Step[];
}

function recipeOf(heading: string): Recipe {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/contributing.md has no recipe "${heading}"`);
  const [, count, list = ''] = /^Files \((\d+)\):\n\n((?:- .*\n)+)/m.exec(section) ?? [];
  const blocks = section.matchAll(
    /^(?:New file|Add to) `([^`]+)`(?:, in (?:the table under )?`([^`]+)`)?:\n\n```\w+\n([\s\S]*?)^```$/gm,
  );
  return {
    count: Number(count),
    files: [...list.matchAll(/^- `([^`]+)`/gm)].map(([, file = '']) => file),
    steps: [...blocks].map(([, file = '', table = null, text = '']) => ({ file, table, text })),
  };
}

/** Does in the copy what a block says. @returns the file */
function apply({ file, table, text }: Step): string {
  const target = join(copy, file);
  if (table === null) {
    expect(existsSync(target), `${file} is new`).toBe(false);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return file;
  }
  if (!existsSync(target)) {
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(ROOT, file), target);
  }
  const lines = readFileSync(target, 'utf8').split('\n');
  const added = text.trimEnd().split('\n');
  const imports = added.filter((line) => line.startsWith('import '));
  lines.splice(endOf(lines, table, file), 0, ...added.filter((line) => !line.startsWith('import ')));
  lines.splice(lines.findLastIndex((line) => /^(import |} from )/.test(line)) + 1, 0, ...imports);
  writeFileSync(target, lines.join('\n'));
  return file;
}

/** The line at which the table of a file, or the function of a Python file, ends. */
function endOf(lines: readonly string[], table: string, file: string): number {
  const isPage = extname(file) === '.md';
  const opening = new RegExp(isPage ? `^## ${table}$` : `^(?:export )?(?:const|def) ${table}\\b`);
  const start = lines.findIndex((line) => opening.test(line));
  if (start < 0) throw new Error(`${file} has no "${table}"`);
  const next = lines.findIndex((line, i) => i > start && (isPage ? /^## / : /^[^\s]/).test(line));
  const end = next < 0 ? lines.length : next;
  const isLast = (line: string): boolean => (isPage ? line.startsWith('|') : line.trim() !== '');
  return lines.slice(0, end).findLastIndex(isLast) + 1;
}

const run = promisify(execFile);
const cli = async (...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [join(copy, 'dist/cli.js'), ...args]);
  return stdout;
};

/** What the compiler says of these files of the copy. */
function complaints(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const paths = files.filter((file) => extname(file) === '.ts').map((file) => join(copy, file));
  const program = ts.createProgram(paths, { ...options, typeRoots: [join(ROOT, 'node_modules/@types')] });
  return paths.flatMap((path) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

/** 6 * x in `scale`, then `dense`: class k is the sum of W[i][k] * 6 * x[i]. */
const X = [1, 2, 3, 4];
const W = [
  [0.5, 1],
  [-1, 2],
  [2, 0],
  [0, -1],
];

function writeModel(): void {
  const weights = [
    { name: 'scale/scale', shape: [1], dtype: 'float32', values: [3] },
    { name: 'dense/kernel', shape: [4, 2], dtype: 'float32', values: W.flat() },
    { name: 'dense/bias', shape: [2], dtype: 'float32', values: [0, 1] },
  ];
  const layers = [
    { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 2, 2, 1] } },
    { class_name: 'ChannelScale', config: { name: 'scale', factor: 2 } },
    { class_name: 'Flatten', config: { name: 'flatten' } },
    { class_name: 'Dense', config: { name: 'dense', units: 2, activation: 'linear' } },
  ];
  const model = {
    format: 'layers-model',
    modelTopology: {
      keras_version: '2.15.0',
      model_config: { class_name: 'Sequential', config: { name: 'small', layers } },
    },
    weightsManifest: [{ paths: ['weights.bin'], weights: weights.map(({ values: _, ...weight }) => weight) }],
  };
  writeFileSync(join(copy, 'model.json'), JSON.stringify(model));
  const all = Float32Array.from(weights.flatMap(({ values }) => values));
  writeFileSync(join(copy, 'weights.bin'), new Uint8Array(all.buffer));
  writeFileSync(join(copy, 'x.npy'), writeNpy(Float32Array.from(X), [1, 2, 2, 1]));
}

const numbersIn = (file: string): number[] => [
  ...(parseNpy(readFileSync(file), file).values as Float32Array),
];

const RECIPES = ['A layer', 'An explanation method'] as const;
const changed = new Map<string, readonly string[]>();

beforeAll(async () => {
  for (const folder of ['src', 'test/unit'])
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  for (const name of RECIPES) changed.set(name, [...new Set(recipeOf(name).steps.map(apply))]);
  await build({
    ...nodeBundle(join(copy, 'dist')),
    entryPoints: [join(copy, 'src/cli/main.ts')],
    outfile: join(copy, 'dist/cli.js'),
  });
  writeModel();
}, 120_000);

describe.each(RECIPES)('%s', (name) => {
  test('changes the files that the recipe counts and lists', () => {
    const { count, files } = recipeOf(name);
    expect(files).toHaveLength(count);
    expect(changed.get(name)).toEqual(files);
  });
});

test('what they add compiles', { timeout: 120_000 }, () => {
  expect(complaints([...changed.values()].flat())).toEqual([]);
});

describe('the new layer', { timeout: 60_000 }, () => {
  test('is listed with its shape and parameters', async () => {
    const { layers } = JSON.parse(await cli('inspect', join(copy, 'model.json'), '--json'));
    expect(layers.find(({ path }: { path: string }) => path === 'scale')).toMatchObject({
      className: 'ChannelScale',
      outputShapes: [[null, 2, 2, 1]],
      params: 1,
    });
  });

  test('is computed', async () => {
    const out = join(copy, 'out');
    const files = ['--input', join(copy, 'x.npy'), '--out', out];
    const written = await cli(
      'run',
      join(copy, 'model.json'),
      ...files,
      '--layer',
      'scale',
      '--json',
      '--backend',
      'cpu',
    );
    const scale = JSON.parse(written).files.find(({ path }: { path: string }) => path === 'scale');
    expect(numbersIn(scale.file)).toEqual([6, 12, 18, 24]);
    expect(numbersIn(join(out, 'output_0.npy'))).toEqual([3 - 12 + 36, 6 + 24 - 24 + 1]);
  });
});

describe('the new method', { timeout: 60_000 }, () => {
  test('is offered by the command line', async () => {
    expect(await cli('explain', '--help')).toContain('"squared-gradient"');
  });

  test('gives its map, through the new layer', async () => {
    const raw = join(copy, 'map.npy');
    const input = ['--input', join(copy, 'x.npy'), '--raw', raw, '--target', '0', '--backend', 'cpu'];
    await cli('explain', join(copy, 'model.json'), '--method', 'squared-gradient', ...input);
    expect(numbersIn(raw)).toEqual(W.map(([w = 0]) => (6 * w) ** 2));
  });

  test('without its line in explain/methods.ts does not compile', { timeout: 120_000 }, () => {
    const file = 'src/server/explain/methods.ts';
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/^.*'squared-gradient'.*\n/m, ''));
    expect(complaints([file]).join()).toMatch(/Property '"squared-gradient"' is missing/);
    writeFileSync(path, text);
  });
});
