import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePng } from '../../../src/server/render/png';
import { CLI, sample } from '../cliProcess';
import { findProgram, runProgram } from './programs';
import { expectSameBatch } from './sameBatch';
import { type SlurmNode, startSlurm } from './slurmNode';

/** What the page tells users to do is what is run here. */
const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/cluster.md'), 'utf8');
const KILLER = join(import.meta.dirname, 'killAfterRows.cjs');
const COUNT = 200;
const SIDE = 24;

/** The blocks of code of a section, in their order. */
function blocks(section: string): string[] {
  const [, text = ''] = PAGE.split(`\n## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, code = '']) => code);
}

let folder = '';
/** One batch in one go, which the others are compared with. */
let whole = '';
let env: NodeJS.ProcessEnv = {};

/** A folder with the model, the inputs and nothing else, as the page assumes it. */
function workplace(name: string): string {
  const place = join(folder, name);
  mkdirSync(join(place, 'test'), { recursive: true });
  const model = sample('4-cat-or-dog/cat-or-dog.keras');
  cpSync(model, join(place, 'model.keras'));
  cpSync(`${model}.layerglass.json`, join(place, 'model.keras.layerglass.json'));
  for (let i = 0; i < COUNT; i++) {
    const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => (at * (i + 3)) % 251);
    writeFileSync(join(place, 'test', `${i}.png`), encodePng(pixels, SIDE, SIDE));
  }
  return place;
}

const shell = (place: string, command: string, more: NodeJS.ProcessEnv = {}) =>
  runProgram('/bin/bash', ['-e', '-c', command], { ...env, ...more }, place);

const journal = (place: string, part: number): string[] =>
  readFileSync(join(place, `parts/part-00${part}-of-008/rows.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');

const END = '{"done":true}';

/** The third part was killed and has some rows, all others are done. */
function expectThirdUnfinished(place: string): void {
  expect(readdirSync(join(place, 'parts'))).toHaveLength(8);
  for (const part of [1, 2, 4, 5, 6, 7, 8]) expect(journal(place, part).at(-1)).toBe(END);
  expect(journal(place, 3).at(-1)).not.toBe(END);
  expect(journal(place, 3).length).toBeGreaterThan(2);
}

/** What stands on the page is for a shell, which runs the programs of the engines too. */
const hasShell = existsSync('/bin/bash');

beforeAll(async () => {
  if (!hasShell) return;
  folder = mkdtempSync(join(tmpdir(), 'layerglass-cluster-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // The command as it is when it is installed. The first time that the third part is computed in a folder it is killed midway.
  const command = `#!/bin/sh
if [ "$SLURM_ARRAY_TASK_ID$PARALLEL_SEQ" = 3 ] && mkdir killed 2>/dev/null; then set -- --require "${KILLER}" "${CLI}" "$@"; else set -- "${CLI}" "$@"; fi
exec "${process.execPath}" "$@"
`;
  writeFileSync(join(bin, 'layerglass'), command);
  chmodSync(join(bin, 'layerglass'), 0o755);
  env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const place = workplace('whole');
  whole = join(place, 'report');
  const { code, stderr } = await shell(place, 'layerglass batch model.keras --input test/ --out report/');
  expect(code, stderr).toBe(0);
}, 60_000);
afterAll(() => {
  if (hasShell) rmSync(folder, { recursive: true, force: true });
});

/** Without `--wait`, by which sbatch looks only every half minute. */
async function submit(place: string, command: string, slurm: SlurmNode): Promise<void> {
  expect(command).toMatch(/^sbatch --wait /);
  expect(await shell(place, command.replace(' --wait', ''), slurm.env)).toMatchObject({ code: 0 });
  await slurm.idle();
}

const SLURM = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'sinfo', 'squeue', 'scancel'];
const lacking = SLURM.filter((name) => findProgram(name) === null);

if (lacking.length > 0)
  test.skip(`Slurm is not available: ${lacking.join(', ')} not found; apt-get install slurm-wlm munge`, () => {});
else
  describe('Slurm', () => {
    let slurm: SlurmNode | null = null;
    afterAll(async () => await slurm?.stop());

    test('200 images in 8 parts, two at a time, one killed and run again, are what one call writes', async () => {
      const place = workplace('slurm');
      const [script = '', commands = ''] = blocks('Slurm');
      const [start = '', again = '', merge = ''] = commands.trimEnd().split('\n');
      writeFileSync(join(place, 'explain.sbatch'), script);
      const home = join(folder, 'slurm-node');
      mkdirSync(home);
      slurm = await startSlurm(home, (name) => findProgram(name) ?? name, env);
      await submit(place, start, slurm);
      expectThirdUnfinished(place);
      const early = await shell(place, merge);
      expect(early.stderr).toContain('part-003-of-008 is not complete');
      const before = journal(place, 3);
      await submit(place, again, slurm);
      expect(journal(place, 3).slice(0, before.length)).toEqual(before);
      expect(await shell(place, merge)).toMatchObject({ code: 0, stderr: '' });
      expectSameBatch(join(place, 'report'), whole);
    }, 60_000);
  });

if (!hasShell || findProgram('parallel') === null)
  test.skip('GNU-parallel is not available: parallel not found; apt-get install parallel', () => {});
else
  test('GNU parallel: 200 images in 8 parts, one killed and run again, are what one call writes', async () => {
    const place = workplace('parallel');
    const [start = '', more = ''] = blocks('GNU parallel');
    const [again = '', merge = ''] = more.trimEnd().split('\n');
    expect((await shell(place, start)).code).toBe(1);
    expectThirdUnfinished(place);
    const before = journal(place, 3);
    expect(await shell(place, again)).toMatchObject({ code: 0 });
    expect(journal(place, 3).slice(0, before.length)).toEqual(before);
    expect(await shell(place, merge)).toMatchObject({ code: 0, stderr: '' });
    expectSameBatch(join(place, 'report'), whole);
  }, 60_000);

describe.skipIf(!hasShell)('the command of a container', () => {
  const found = /"?command"?: (\[.*\])/;
  const run = async (name: string, block: string, more: NodeJS.ProcessEnv) => {
    const place = workplace(name);
    const [command = '', ...args]: string[] = JSON.parse(found.exec(block)?.[1] ?? '[]');
    const { code, stderr } = await runProgram(join(folder, 'bin', command), args, { ...env, ...more }, place);
    expect(code, stderr).toBe(0);
    expect(existsSync(join(place, 'parts/part-008-of-008/report.html'))).toBe(true);
  };

  test('of the manifest for Kubernetes, whose number of parts is that of its completions', async () => {
    const [, manifest = ''] = blocks('Kubernetes');
    const shards = /LAYERGLASS_SHARDS\n\s+value: "(\d+)"/.exec(manifest)?.[1];
    expect(/completions: (\d+)/.exec(manifest)?.[1]).toBe(shards);
    await run('kubernetes', manifest, { LAYERGLASS_SHARDS: shards, JOB_COMPLETION_INDEX: '7' });
  });

  test('of the job for AWS Batch', async () => {
    const [job = '{}'] = blocks('AWS Batch');
    const size = String(JSON.parse(job).arrayProperties.size);
    await run('aws', job, { AWS_BATCH_JOB_ARRAY_SIZE: size, AWS_BATCH_JOB_ARRAY_INDEX: '7' });
  });
});
