import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { doctorRun } from '../../../src/server/answers/doctor';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { readSidecar } from '../../../src/server/session/sidecar';
import type { InputSource, PreprocessingName } from '../../../src/shared/inputs';
import type { DoctorFinding, DoctorKind } from '../../../src/shared/results/doctor';

/** An entry of doctor/index.json, written by test/fixtures/make_doctor.py. */
interface Case {
  readonly name: string;
  /** What is wrong with the model, and where; null for a sound one. */
  readonly kind: DoctorKind | null;
  readonly layer: string | null;
  readonly inputs: readonly string[];
  /** Of Keras. */
  readonly outputs: readonly (readonly (number | string)[])[];
  readonly preprocessing?: PreprocessingName;
  /** The preprocessing that mends it. */
  readonly action?: PreprocessingName;
  /** Part of the sentence. */
  readonly says?: string;
}

interface SampleCase {
  readonly model: string;
  readonly input?: string;
  readonly inputs?: readonly string[];
}

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const SAMPLES = join(import.meta.dirname, '../../../samples');
const BACKENDS = ['cpu', 'onnx'] as const;

const folder = mkdtempSync(join(tmpdir(), 'layerglass-doctor-'));
const files = await unpack();
const cases: readonly Case[] = JSON.parse(files.get('index.json') ?? '[]');
const samples: readonly SampleCase[] = JSON.parse(readFileSync(join(FIXTURES, 'samples/index.json'), 'utf8'));
const [broken, sound] = [
  cases.filter(({ kind }) => kind !== null),
  cases.filter(({ kind }) => kind === null),
];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function unpack(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const zip = await fromBufferPromise(readFileSync(join(FIXTURES, 'doctor/models.zip')), {
    lazyEntries: true,
  });
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    const path = join(folder, entry.fileName);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    if (entry.fileName === 'index.json') found.set(entry.fileName, content.toString());
  }
  return found;
}

interface Diagnosis {
  readonly finding: DoctorFinding | null;
  readonly outputs: readonly (readonly number[])[];
}

describe.each(BACKENDS)('on %s', (backend) => {
  let session: Session;
  beforeAll(() => {
    session = new Session({ backend, nativePath: '', strict: true, threads: 1, customLayers: [] });
  });

  async function diagnosed(
    path: string,
    inputs: readonly string[],
    name?: PreprocessingName,
  ): Promise<Diagnosis> {
    const model = await session.open(path);
    const sources = inputs.map((file): InputSource => ({ kind: 'file', path: file }));
    const chosen = readSidecar(model.path)?.preprocessing ?? model.defaultPreprocessing;
    const preprocessing = name === undefined ? chosen : { name };
    const diagnosis = await session.run(model.id, sources, preprocessing, NO_CONTROL, async (run) => {
      const outputs: number[][] = [];
      for (const ref of run.trace.graph.outputs) outputs.push([...(await run.trace.tensorAt(ref).data())]);
      return { finding: await doctorRun(run, preprocessing, NO_CONTROL), outputs };
    });
    session.close(model.id);
    return diagnosis;
  }

  const caseOf = (one: Case): Promise<Diagnosis> =>
    diagnosed(
      join(folder, `${one.name}.keras`),
      one.inputs.map((file) => join(folder, file)),
      one.preprocessing,
    );

  const compareOutputs = ({ outputs }: Diagnosis, { outputs: wanted }: Case): void => {
    for (const [i, list] of wanted.entries()) {
      const scale = Math.max(1, ...list.map(Number).filter(Number.isFinite).map(Math.abs));
      for (const [k, value] of list.entries()) {
        const got = outputs[i]?.[k] ?? 0;
        const number = typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value;
        if (Number.isFinite(number)) expect(Math.abs(got - number) / scale).toBeLessThan(1e-5);
        else expect(got).toBe(number);
      }
    }
  };

  test.each(broken)('names what is wrong: $name', async (one) => {
    const diagnosis = await caseOf(one);
    const { finding } = diagnosis;
    expect({ kind: finding?.kind, layer: finding?.layer }, finding?.sentence).toEqual({
      kind: one.kind,
      layer: one.layer,
    });
    expect(finding?.sentence).toMatch(/^[^.].*\.$/);
    if (one.says !== undefined) expect(finding?.sentence).toContain(one.says);
    expect(finding?.action?.preprocessing.name, finding?.sentence).toBe(one.action);
    // Where the last digits of huge values would be compared, the kind is enough.
    if (one.kind !== 'exploding') compareOutputs(diagnosis, one);
  });

  test.each(sound)('accuses no sound model: $name', async (one) => {
    const diagnosis = await caseOf(one);
    expect(diagnosis.finding).toBeNull();
    compareOutputs(diagnosis, one);
  });

  test.each(samples)(
    'accuses no sample: $arrays',
    async ({ model, input, inputs = input ? [input] : [] }) => {
      const { finding } = await diagnosed(
        join(SAMPLES, model),
        inputs.map((file) => join(SAMPLES, file)),
      );
      expect(finding).toBeNull();
    },
  );
});

test('at least 30 broken and 30 sound models measure it', () => {
  expect(broken.length).toBeGreaterThanOrEqual(30);
  expect(sound.length + samples.length).toBeGreaterThanOrEqual(30);
});
