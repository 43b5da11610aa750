/** `npm run fuzz -- --seed S --count N [--backend wasm|native|cpu]` */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { byteText } from '../../src/shared/amounts';
import { fuzz } from './fuzzer';

const SAY_EVERY = 1000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '1000' },
      backend: { type: 'string', default: 'wasm' },
    },
  });
  const { backend } = values;
  if (backend !== 'wasm' && backend !== 'native' && backend !== 'cpu')
    throw new Error(`no backend ${backend}`);
  const root = process.cwd();
  const seed = Number(values.seed);
  const started = Date.now();
  const result = await fuzz({
    ...{ root, backend, seed, count: Number(values.count), findings: resolve(root, 'test-results/fuzz') },
    report(done, findings) {
      if (done % SAY_EVERY > 0) return;
      const seconds = Math.round((Date.now() - started) / 1000);
      process.stdout.write(`${done} files in ${seconds} s, ${findings} broke a promise\n`);
    },
  });
  for (const { file, what, kept } of result.findings)
    process.stdout.write(`file ${file}: ${what}\n  ${kept}\n`);
  process.stdout.write(
    `seed ${seed} on ${backend}: ${values.count} files, ${result.opened} opened, ${result.answered} explained; ` +
      `server at most ${byteText(result.peakServer)}, compute process ${byteText(result.peakCompute)}; ` +
      `${result.findings.length} broke a promise\n`,
  );
  process.exitCode = result.findings.length === 0 ? 0 : 1;
}

void main();
