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
import { median } from './report.mjs';

const run = promisify(execFile);
const cli = inProject('dist', 'cli.js');

/** A residual network of so many layers, as a topology. */
function residual(count) {
  const layers = [
    {
      class_name: 'InputLayer',
      name: 'layer_0',
      config: { name: 'layer_0', batch_input_shape: [null, 8] },
      inbound_nodes: [],
    },
  ];
  const call = (index) => [`layer_${index}`, 0, 0, {}];
  for (let i = 1; i < count; i++) {
    const joins = i % 8 === 0;
    const name = `layer_${i}`;
    layers.push({
      class_name: joins ? 'Add' : 'Activation',
      name,
      config: joins ? { name } : { name, activation: 'relu' },
      inbound_nodes: [joins ? [call(i - 1), call(i - 8)] : [call(i - 1)]],
    });
  }
  const config = {
    name: 'residual',
    layers,
    input_layers: [['layer_0', 0, 0]],
    output_layers: [[`layer_${count - 1}`, 0, 0]],
  };
  return { class_name: 'Functional', config, keras_version: '2.15.0' };
}

/** A graph model of so many operations in name scopes of 20, every second scope with a skip connection. */
function operations(count) {
  const type = { T: { type: 'DT_FLOAT' } };
  const node = [
    {
      name: 'x',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '8' }] } } },
    },
  ];
  const name = (i) => (i === 0 ? 'x' : `stage_${Math.floor(i / 400)}/block_${Math.floor(i / 20)}/op_${i}`);
  for (let i = 1; i < count; i++) {
    const joins = i % 40 === 39;
    node.push({
      name: name(i),
      op: joins ? 'AddV2' : 'Relu',
      input: joins ? [name(i - 1), name(i - 18)] : [name(i - 1)],
      attr: type,
    });
  }
  const modelTopology = { node, versions: { producer: 1 } };
  return { format: 'graph-model', modelTopology, weightsManifest: [] };
}

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
