import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Session } from '../../src/server/session/session';
import { toError } from '../../src/shared/errors';
import { METHOD_IDS } from '../../src/shared/methods';
import { BACKENDS } from '../../src/shared/model';
import { type HeldOut, heldOut } from './heldOut';
import { type MethodTable, methodTable } from './measure';
import { type Measured, page } from './page';
import { type VerdictRow, verdicts } from './verdicts';

/** `npm run evaluate` (bench/evaluate.mjs). What is measured is kept as it comes, so that a run that is stopped leaves its part. */
async function evaluate(): Promise<void> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: '.' },
      commit: { type: 'string', default: '' },
      native: { type: 'string', default: '' },
      backend: { type: 'string', default: 'auto' },
      only: { type: 'string' },
      sample: { type: 'string' },
      labels: { type: 'string' },
      method: { type: 'string' },
      inputs: { type: 'string', default: '200' },
      verdicts: { type: 'string', default: '60' },
    },
  });
  const { root, only } = values;
  const backend = BACKENDS.find((name) => name === values.backend) ?? 'auto';
  const session = new Session({ backend, nativePath: values.native, strict: true });
  const samples = heldOut(root);
  const methods = METHOD_IDS.filter((id) => values.method?.split(',').includes(id) ?? true);
  const suffix = values.method === undefined ? '' : `-${shortHash(methods.join())}`;
  const { name: backendName } = (await session.backend()).status;
  const keep = async <T>(part: string, results: AsyncGenerator<T>): Promise<void> => {
    for await (const result of results) {
      process.stderr.write(`${part}\n`);
      const run = {
        commit: values.commit,
        date: new Date().toISOString().slice(0, 10),
        machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${type()} ${release()}, Node ${process.version}`,
        busy: loadavg()[0] ?? 0,
        backend: backendName,
      };
      writeFileSync(keptIn(root, part), JSON.stringify({ run, result }));
    }
  };
  for (const sample of samples.filter(({ name }) => values.sample === undefined || name === values.sample)) {
    for (const labels of LABELS)
      if (only !== 'methods' && labels === (values.labels ?? labels))
        await keep(verdictPart(sample, labels), verdicts(session, sample, labels, Number(values.verdicts)));
    if (only !== 'verdicts')
      await keep(
        `${methodPart(sample)}${suffix}`,
        methodTable(session, sample, Number(values.inputs), methods),
      );
  }
  const runs = samples.map((sample) => kept<MethodTable>(root, methodPart(sample)));
  const tables = runs.flatMap(joined);
  const rows = samples.flatMap((sample) =>
    LABELS.flatMap((labels) => kept<VerdictRow>(root, verdictPart(sample, labels))),
  );
  writeFileSync(join(root, 'docs', 'evaluation.md'), page(tables, rows, runs.flat()));
}

const LABELS = ['true', 'shuffled'] as const;

/** Names of all methods are too long for a file name. */
const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

const methodPart = ({ name }: HeldOut): string => `methods-${name}`;
const verdictPart = ({ name }: HeldOut, labels: string): string => `verdicts-${name}-${labels}`;
const folderOf = (root: string): string => join(root, '.cache', 'evaluate');
const keptIn = (root: string, part: string): string => join(folderOf(root), `${part}.json`);

/** What this and earlier runs measured of a part, the run of all methods first. */
const kept = <T>(root: string, part: string): Measured<T>[] =>
  readdirSync(folderOf(root))
    .filter((name) => name.startsWith(part) && name.endsWith('.json'))
    .sort((a, b) => a.length - b.length)
    .map((name) => JSON.parse(readFileSync(join(folderOf(root), name), 'utf8')));

/** The table of the first run, in which methods that were run on more inputs alone have the row of that run. */
function joined(parts: readonly Measured<MethodTable>[]): Measured<MethodTable>[] {
  const [first] = parts;
  if (first === undefined) return [];
  const all = parts.flatMap(({ result }) => result.rows);
  const rows = (['random', ...METHOD_IDS] as const).flatMap((method) => {
    const own = all.filter((row) => row.method === method);
    return own.length === 0 ? [] : [own.reduce((best, row) => (row.n > best.n ? row : best))];
  });
  return [{ ...first, result: { ...first.result, rows } }];
}

evaluate().then(
  () => process.exit(0),
  (thrown: unknown) => {
    process.stderr.write(`${toError(thrown).message}\n`);
    process.exit(1);
  },
);
