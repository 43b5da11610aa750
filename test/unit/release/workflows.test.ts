import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import manifest from '../../../package.json' with { type: 'json' };
import { CHECKSUMS } from '../../../scripts/release/checksums.mjs';

const ROOT = join(__dirname, '../../..');
const FOLDER = join(ROOT, '.github/workflows');

const text = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const step = z
  .object({ name: z.string(), uses: z.string(), run: z.string(), with: text, env: text, if: z.string() })
  .partial()
  .strict();
const workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: text,
  jobs: z.record(
    z.string(),
    z.object({
      'runs-on': z.string(),
      needs: z.string().optional(),
      environment: z.string().optional(),
      permissions: text.optional(),
      steps: z.array(step).min(1),
    }),
  ),
});

const read = (name: string) => workflow.parse(parse(readFileSync(join(FOLDER, name), 'utf8')));
const release = read('release.yml');
const stepsOf = ({ jobs }: z.infer<typeof workflow>) => Object.values(jobs).flatMap(({ steps }) => steps);

/** Commands of a step, without the name of the program: `npm run check` is `check` for the pattern `npm run`. */
const named = (steps: readonly z.infer<typeof step>[], pattern: RegExp) =>
  steps.flatMap(({ run = '' }) => [...run.matchAll(pattern)].map(([, name = '']) => name));

const folder = mkdtempSync(join(tmpdir(), 'layerglass-workflows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bundled, because it imports JSON in a way that Node 20 refuses. */
const bundle = join(folder, 'parser.mjs');
buildSync({
  entryPoints: ['@actions/workflow-parser'],
  absWorkingDir: ROOT,
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
});
const {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseWorkflow,
}: typeof import('@actions/workflow-parser') = await import(bundle);

/** What GitHub's own parser finds wrong: keys, contexts and expressions that do not exist. */
async function mistakes(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const steps = stepsOf(read(name));

  test("is a workflow to GitHub's own parser", async () => {
    const whole = readFileSync(join(FOLDER, name), 'utf8');
    expect(await mistakes(name, whole)).toEqual([]);
    for (const [right, wrong] of [
      ['runs-on:', 'run-on:'],
      ['contents: read', 'content: read'],
      ['- uses:', '- use:'],
    ])
      expect(await mistakes(name, whole.replace(right ?? '', wrong ?? '')), wrong).not.toEqual([]);
  });

  test('runs scripts of package.json, and programs that are installed or pinned', () => {
    const scripts = named(steps, /\bnpm run ([\w:-]+)/g);
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) expect(manifest.scripts).toHaveProperty(script);
    for (const program of named(steps, /\bnpx (?:--yes )?(\S+)/g)) {
      const isPinned = /^[a-z-]+@\d+\.\d+\.\d+$/.test(program);
      expect(isPinned || existsSync(join(ROOT, 'node_modules/.bin', program)), program).toBe(true);
    }
  });

  test('names files that exist, by itself and in what it hashes', () => {
    const whole = readFileSync(join(FOLDER, name), 'utf8');
    const paths = [...whole.matchAll(/\b(?:\.\/|scripts\/|docs\/|src\/|site\/)[\w./-]+|[A-Z]+\.md\b/g)];
    for (const [path] of paths) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  test('pins each action to a major version', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
  });

  test('may write nothing by default', () => {
    expect(read(name).permissions).toEqual({ contents: 'read' });
  });
});

describe('the release', () => {
  test('starts from a tag of a version alone', () => {
    expect(release.on).toEqual({ push: { tags: ['v*'] } });
    expect(named(stepsOf(release), /(require\('\.\/package\.json'\)\.version)/g)).toHaveLength(1);
  });

  test('checks, tests and signs before anything is published', () => {
    const steps = release.jobs.build?.steps ?? [];
    const at = (pattern: string) =>
      steps.findIndex(({ run, uses }) => `${run ?? ''}${uses ?? ''}`.includes(pattern));
    const order = [
      'npm run publishable',
      'npm ci',
      'npm run check',
      'npm test',
      'npm run release',
      'attest-build-provenance',
    ];
    const places = [...order, 'attest-sbom', 'gh release create'].map(at);
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const [signs] = steps.filter(({ uses }) => uses?.startsWith('actions/attest-build-provenance'));
    expect(signs?.with?.['subject-checksums']).toBe(`release/${CHECKSUMS}`);
    expect(named(steps, /(--draft)/g)).toHaveLength(1);
  });

  test.each([
    ['marketplace', 'VSCE_PAT', 'VSCE_PAT'],
    ['open-vsx', 'OVSX_PAT', 'OVSX_PAT'],
    ['npm', 'NODE_AUTH_TOKEN', 'NPM_TOKEN'],
  ])('%s publishes what was built and signed, where its secret is set', (job, variable, secret) => {
    const { needs, environment, steps = [] } = release.jobs[job] ?? {};
    expect([needs, environment]).toEqual(['build', 'release']);
    expect(named(steps, /(sha256sum --check)/g)).toHaveLength(1);
    const { run, env } = steps.at(-1) ?? {};
    expect(env).toEqual({ [variable]: `\${{ secrets.${secret} }}` });
    expect(run).toMatch(
      new RegExp(`^if \\[ -z "\\$${variable}" \\]; then .*${secret}.*; exit 0; fi\\n.*publish`),
    );
    expect(readFileSync(join(ROOT, 'docs/publishing.md'), 'utf8')).toContain(`\`${secret}\``);
  });

  test('npm gets the provenance', () => {
    expect(release.jobs.npm?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    const run = release.jobs.npm?.steps.at(-1)?.run;
    expect(run).toContain('--provenance');
    // Without the point, npm takes folder/file for the repository of an owner on GitHub.
    expect(run).toContain('npm publish ./release/');
  });
});
