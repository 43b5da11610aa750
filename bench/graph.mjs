/**
 * `node bench/graph.mjs [--rounds N]`: how long `layerglass graph` takes for 20, 150 and 1,000 layers and for 10,000 operations, with every
 * group unfolded, and how much of that opening the model takes. The models have no weights and are made here. Prints medians; nothing is kept.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { inProject, main } from '../scripts/lib.mjs';
import { operations, residual } from './madeModels.mjs';
import { median } from './report.mjs';

const run = promisify(execFile);
const cli = inProject('dist', 'cli.js');

await main(async () => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-bench-graph-'));
  try {
    const models = [
      ...[20, 150, 1000].map((count) => [`${count} layers`, residual(count), ['--expand', 'all']]),
      ['10,000 operations, folded', operations(5000 * 2), []],
      // The command draws at most 5,000 boxes.
      ['4,900 operations, unfolded', operations(4900), ['--expand', 'all']],
    ];
    for (const [name, content, options] of models) {
      const path = join(folder, 'model.json');
      writeFileSync(path, JSON.stringify(content));
      const drawn = [];
      const listed = [];
      for (let round = 0; round < Number(values.rounds); round++) {
        listed.push(await timed(['inspect', path, '--json']));
        drawn.push(await timed(['graph', path, '--out', join(folder, 'graph.svg'), ...options]));
      }
      const seconds = (times) => `${(median(times) / 1000).toFixed(2)} s`;
      console.log(`${name}: graph ${seconds(drawn)}, inspect ${seconds(listed)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

async function timed(args) {
  const start = performance.now();
  await run(process.execPath, [cli, ...args], { maxBuffer: 2 ** 28 });
  return performance.now() - start;
}
