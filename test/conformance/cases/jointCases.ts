import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { explainRuns } from '../../../src/server/answers/explanation';
import { PartReader } from '../../../src/server/inputs/partReader';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { JointRun } from '../../../src/server/session/jointRun';
import { type Answer, manyRuns } from '../../../src/server/session/manyRuns';
import { memoryLimits } from '../../../src/server/session/memoryLimits';
import { OpenModels } from '../../../src/server/session/openModels';
import { Runs } from '../../../src/server/session/runs';
import type { InputSource } from '../../../src/shared/inputs';
import type { MethodId } from '../../../src/shared/methods';
import type { BackendName } from '../../../src/shared/model';
import { onBackend } from '../backends';

const SAMPLES = join(import.meta.dirname, '../../../samples');
const METHODS: readonly MethodId[] = ['grad-cam', 'saliency'];
/** More than one run holds, and no multiple of what it holds. */
const COUNT = 11;
const TOLERANCE = 1e-5;

/** With files that a class of its own is predicted for, beside random values. */
const MODELS: readonly {
  readonly model: string;
  readonly inputs: number;
  readonly files: readonly string[];
}[] = [
  { model: '4-cat-or-dog/cat-or-dog.keras', inputs: 1, files: ['cat.png', 'dog.png'] },
  { model: '8-segmentation/shapes.keras', inputs: 1, files: [] },
  { model: '9-two-inputs/plates.keras', inputs: 2, files: [] },
];

interface Found {
  /** How many were run together. */
  readonly together: number;
  readonly classes: readonly number[];
  readonly maps: readonly Float32Array[];
}

/** Several inputs in a run give the maps that each gives alone. */
export const testJointRuns = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'inputs that are run together', (runtime) => {
    const runs = new Runs(memoryLimits());
    const models = new OpenModels({ strict: true }, () => {});

    /** One per example. */
    async function explained(
      { model, inputs, files }: (typeof MODELS)[number],
      { mayShare = true, isSame = true } = {},
    ): Promise<Found[]> {
      const path = join(SAMPLES, model);
      const opened = await models.open(path);
      const examples = [
        ...files.map((file): InputSource[] => [{ kind: 'file', path: join(dirname(path), file) }]),
        ...Array.from({ length: COUNT - files.length }, (_, i) =>
          Array.from({ length: inputs }, (_, j): InputSource => ({ kind: 'random', seed: i * inputs + j })),
        ),
      ];
      const found: Found[] = [];
      const request = {
        ...{ examples, preprocessing: { name: '0..1' } as const, insist: true, reader: new PartReader() },
        mayShare,
        async answer(joint: JointRun): Promise<Found[]> {
          const all: { classes: number[]; maps: Float32Array[] }[] = joint.runs.map(() => ({
            ...{ classes: [], maps: [] },
          }));
          for (const method of METHODS) {
            const question = { method, layer: 'auto', target: { index: 'auto' } } as const;
            const preprocessing = { name: '0..1' } as const;
            const asked = { modelId: opened.id, preprocessing, ...question };
            for (const [i, { header, maps }] of (await explainRuns(joint, asked, NO_CONTROL)).entries()) {
              all[i]?.classes.push(header.target.index);
              all[i]?.maps.push(...maps.map(({ raw }) => raw.values));
            }
          }
          return all.map((one) => ({ together: joint.runs.length, ...one }));
        },
        isSame: () => isSame,
        async take(answers: readonly Answer<Found>[]) {
          for (const { at, result } of answers) {
            if (!result.ok) throw new Error(result.error.message);
            found[at] = result.value;
          }
        },
      };
      await manyRuns(runs, opened, runtime, request, NO_CONTROL);
      models.close(opened.id, true);
      return found;
    }

    test.each(MODELS)(
      '$model: maps and classes are those of each alone',
      async (one) => {
        const alone = await explained(one, { mayShare: false });
        const joint = await explained(one);
        expect(alone.map(({ together }) => together)).toEqual(new Array(COUNT).fill(1));
        // The last run has what is left.
        const [size = 0] = joint.map(({ together }) => together);
        expect(size).toBeGreaterThan(1);
        expect(joint.at(-1)?.together).toBe(COUNT % size || size);
        const classes = alone.map((own) => own.classes);
        expect(joint.map((own) => own.classes)).toEqual(classes);
        if (one.files.length > 0) expect(classes[0]).not.toEqual(classes[1]);
        for (const [i, { maps }] of alone.entries())
          for (const [j, map] of maps.entries())
            expect(distance(joint[i]?.maps[j], map), `input ${i}, map ${j}`).toBeLessThan(TOLERANCE);
      },
      120_000,
    );

    test('where company changes the first answer, each is run alone', async () => {
      const [one] = MODELS;
      const found = one ? await explained(one, { isSame: false }) : [];
      expect(found.map(({ together }) => together)).toEqual(new Array(COUNT).fill(1));
    }, 120_000);
  });

/** The largest difference, relative to the largest value. */
function distance(found: Float32Array | undefined, wanted: Float32Array): number {
  expect(found?.length).toBe(wanted.length);
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = wanted.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (found?.[i] ?? Number.NaN))),
    0,
  );
  return difference === 0 ? 0 : difference / largest;
}
