/**
 * `node bench/firstMap.mjs [--rounds N] [--model FILE --input FILE] [--think MS] [--known] [dist ...]`: what happens between the click on Explain
 * Prediction and the first map in a real VS Code whose Layerglass has not run before. Several builds take turns. Prints medians;
 * nothing is written. `--think`: how long the user chooses an input; `--known`: the input was chosen before. Without a
 * `dist`, a production build of this clone.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inProject, main, say, Trouble } from '../scripts/lib.mjs';
import { harness } from '../scripts/vscodeHarness.mjs';
import { buildProduct, dist } from './networks.mjs';
import { median, table } from './report.mjs';

const MIN_ROUNDS = 3;
const LIMIT_MS = 60_000;
const PRESS_MS = 150;
const CHOSEN = 'extension: input chosen';
const LAST = 'page: painted';
const HEAD = /Time line, in ms from (\S+):\n/;
const ROW = /^ *(-?[\d.]+) {2}(\S.*)$/;

/** An extension folder around a build. */
function extensionOf(build) {
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-first-map-'));
  for (const part of ['package.json', 'media']) symlinkSync(inProject(part), join(folder, part));
  cpSync(build, join(folder, 'dist'), { recursive: true });
  return folder;
}

/** @returns milliseconds from the click to each mark, by its name */
async function once(VsCode, { extensionDir, folder, model, input, think, known }) {
  const vscode = await VsCode.open({ theme: 'light', extensionDir, folder, logsDebug: true });
  try {
    const { page } = vscode;
    await page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
    const row = await vscode.explorerRow(model);
    await row.click({ button: 'right' });
    const entry = page.getByRole('menuitem', { name: 'Explain Prediction' }).first();
    await entry.hover();
    await page.mouse.down();
    await page.waitForTimeout(PRESS_MS);
    const click = Date.now();
    await page.mouse.up();
    if (!known) {
      await vscode.quickRows().filter({ hasText: input }).first().waitFor();
      await page.waitForTimeout(think);
      await vscode.pick(input);
    }
    return await timeLine(vscode, click);
  } finally {
    await vscode.close();
  }
}

async function timeLine(vscode, click) {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; ) {
    const log = await vscode.log();
    const head = HEAD.exec(log);
    if (head) {
      const start = Date.parse(head[1]) - click;
      const rows = log.slice(head.index + head[0].length).split('\n');
      const marks = [];
      for (const line of rows) {
        const found = ROW.exec(line);
        if (!found) break;
        marks.push([found[2], start + Number(found[1])]);
      }
      return new Map(marks);
    }
    await vscode.page.waitForTimeout(100);
  }
  throw new Trouble(`No map within ${LIMIT_MS / 1000} s:\n${await vscode.log()}`);
}

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      model: { type: 'string', default: inProject('samples/4-cat-or-dog/cat-or-dog.keras') },
      input: { type: 'string', default: inProject('samples/4-cat-or-dog/cat.png') },
      think: { type: 'string', default: '1500' },
      known: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < MIN_ROUNDS)
    throw new Trouble(`--rounds takes a whole number, ${MIN_ROUNDS} or more.`);
  if (positionals.length === 0) await buildProduct();
  const builds = positionals.length === 0 ? [dist] : positionals.map((path) => resolve(path));
  const { VsCode } = await harness();
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-first-map-models-'));
  const extensions = builds.map(extensionOf);
  try {
    const [model, input] = [values.model, values.input].map((path) => basename(path));
    mkdirSync(folder, { recursive: true });
    for (const path of [values.model, values.input]) cpSync(path, join(folder, basename(path)));
    if (values.known)
      writeFileSync(
        join(folder, `${model}.layerglass.json`),
        JSON.stringify({ lastInputs: [{ kind: 'file', path: input }] }),
      );
    const found = builds.map(() => []);
    // The first round fills the page cache and that of compiled code.
    for (let round = -1; round < rounds; round++) {
      for (const [i, extensionDir] of extensions.entries()) {
        const { think, known } = values;
        const marks = await once(VsCode, { extensionDir, folder, model, input, think: Number(think), known });
        if (round >= 0) found[i].push(marks);
        say(`round ${round + 1}: ${builds[i]}: ${Math.round(Math.max(...marks.values()))} ms`);
      }
    }
    for (const [i, build] of builds.entries()) {
      const names = [...new Set(found[i].flatMap((marks) => [...marks.keys()]))];
      const times = names.map((name) => [name, median(found[i].flatMap((marks) => marks.get(name) ?? []))]);
      times.sort(([, a], [, b]) => a - b);
      const rows = times.map(([name, time]) => [time.toFixed(0), name]);
      console.log(`${build}\n${table(['ms from the click', ''], rows)}`);
      const waits = found[i].map((marks) => marks.get(LAST) - marks.get(CHOSEN));
      const [middle, least] = [median(waits), Math.min(...waits)].map((time) => time.toFixed(0));
      console.log(`from "${CHOSEN}" to "${LAST}": ${middle} ms, at least ${least} ms`);
    }
  } finally {
    await VsCode.endBrowser();
    for (const path of [folder, ...extensions]) rmSync(path, { recursive: true, force: true });
  }
});
