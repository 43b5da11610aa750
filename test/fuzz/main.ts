/** `npm run fuzz -- --seed S --count N [--from F] [--backend onnx|native|wasm|cpu] [--enlarge]`, or `--again FOLDER` for the files of a finding */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { byteText } from '../../src/shared/amounts';
import { BACKENDS, type BackendName } from '../../src/shared/model';
import { type FuzzResult, fuzz, fuzzAgain } from './fuzzer';

const REPORT_EVERY = 1000;

const isBackend = (name: string): name is BackendName => BACKENDS.some((known) => known === name);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      count: { type: 'string', default: '1000' },
      backend: { type: 'string', default: 'wasm' },
      enlarge: { type: 'boolean', default: false },
      again: { type: 'string' },
    },
  });
  const { backend } = values;
  if (!isBackend(backend)) throw new Error(`no backend ${backend}`);
  const root = process.cwd();
  if (values.again !== undefined) {
    const { refused, broken } = await fuzzAgain(root, backend, resolve(root, values.again));
    const lines = refused.map(({ what, message }) => `${what}: ${message}`);
    process.stdout.write(`${[...lines, broken ?? 'every promise was kept'].join('\n')}\n`);
    process.exitCode = broken === null ? 0 : 1;
    return;
  }
  const [seed, from, count] = [Number(values.seed), Number(values.from), Number(values.count)];
  const started = Date.now();
  let told = 0;
  const result = await fuzz({
    ...{ root, backend, seed, from, count, enlarge: values.enlarge },
    ...{ findings: resolve(root, 'test-results/fuzz') },
    report(done, findings, memory) {
      for (const { file, what, kept } of findings.slice(told))
        process.stdout.write(`file ${file}: ${what}\n  ${kept}\n`);
      told = findings.length;
      if (done % REPORT_EVERY > 0) return;
      const seconds = Math.round((Date.now() - started) / 1000);
      process.stdout.write(
        `${done} files in ${seconds} s, ${findings.length} broke a promise; server ${byteText(memory.server.now)}, ` +
          `compute process ${byteText(memory.compute.now)}\n`,
      );
    },
  });
  process.stdout.write(
    report(
      result,
      `seed ${seed} on ${backend}${values.enlarge ? ', enlarged' : ''}, files ${from} to ${from + count - 1}`,
    ),
  );
  process.exitCode = result.findings.length === 0 ? 0 : 1;
}

function report({ families, refused, byKernels, peak, findings }: FuzzResult, what: string): string {
  const totals = [...families.values()];
  const sum = (of: (family: (typeof totals)[number]) => number): number =>
    totals.reduce((total, family) => total + of(family), 0);
  const lines = [...families].map(
    ([name, { tried, opened, explained }]) => `  ${name}: ${tried}, ${opened} opened, ${explained} explained`,
  );
  const kinds = [...refused]
    .sort((a, b) => b[1].times - a[1].times)
    .map(([kind, { times, first }]) => `  ${times} ${kind} (${first.slice(0, 150)})`);
  const kernels = byKernels.map(({ file, message }) => `  file ${file}: ${message}`);
  return [
    ...lines.sort(),
    'refused:',
    ...kinds,
    'refused by kernels:',
    ...kernels,
    `${what}: ${sum((f) => f.tried)} files, ${sum((f) => f.opened)} opened, ${sum((f) => f.explained)} explained; server at most ` +
      `${byteText(peak.server)}, compute process ${byteText(peak.compute)}; ${findings.length} broke a promise`,
    '',
  ].join('\n');
}

void main();
