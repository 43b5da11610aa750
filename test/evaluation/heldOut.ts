import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Region } from '../../src/server/explain/measures/localisation';
import type { InputSource } from '../../src/shared/inputs';

/** Written by samples/make_held_out.py. */
const FOLDER = 'test/fixtures/held_out';

/** An input that no model was trained on, and where the evidence for its class lies. */
export interface HeldOutInput {
  readonly source: InputSource;
  readonly label: number;
  readonly regions: readonly Region[];
}

export interface HeldOut {
  readonly name: string;
  readonly model: string;
  /** The same network trained on shuffled labels. */
  readonly shuffled: string;
  readonly inputs: readonly HeldOutInput[];
}

const SAMPLES = [
  { name: '1-sequence', model: '1-sequence/motif.keras' },
  { name: '3-binary', model: '3-binary/spot/model.json' },
  { name: '4-cat-or-dog', model: '4-cat-or-dog/cat-or-dog.keras' },
] as const;

const TRUTH = z.record(
  z.string(),
  z.array(
    z.object({
      label: z.number().int(),
      regions: z.array(z.array(z.tuple([z.number().int(), z.number().int()]))),
    }),
  ),
);

/** @param root the folder of the project */
export function heldOut(root: string): HeldOut[] {
  const folder = join(root, FOLDER);
  const truth = TRUTH.parse(JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')));
  return SAMPLES.map(({ name, model }) => ({
    name,
    model: join(root, 'samples', model),
    shuffled: join(folder, `${name}-shuffled.keras`),
    inputs: (truth[name] ?? []).map((known, i) => ({
      ...known,
      source:
        name === '1-sequence'
          ? { kind: 'file', path: join(folder, `${name}.npz`), sample: i }
          : { kind: 'file', path: join(folder, name, `${String(i).padStart(3, '0')}.webp`) },
    })),
  }));
}
