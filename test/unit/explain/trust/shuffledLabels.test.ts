import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Session } from '../../../../src/server/session/session';
import { heldOut } from '../../../evaluation/heldOut';
import { type VerdictRow, verdicts } from '../../../evaluation/verdicts';

/** Inputs of each model: the verdict on one takes seconds. */
const COUNT = 3;

let session: Session;
beforeAll(() => {
  session = new Session({ backend: 'onnx', nativePath: '', strict: true });
});

async function verdictsOf(name: string, labels: VerdictRow['labels']) {
  const sample = heldOut(join(__dirname, '../../../..')).find((one) => one.name === name);
  if (sample === undefined) throw new Error(`No sample ${name}.`);
  let last: VerdictRow | null = null;
  for await (const row of verdicts(session, sample, labels, COUNT)) last = row;
  return last?.trusts ?? [];
}

/** How a model that learnt nothing gives itself away. */
const WHY = {
  '1-sequence': /^The model is undecided/,
  '3-binary': /^The model is undecided/,
  '4-cat-or-dog': /^Moving the input by \d+ positions? leaves/,
} as const;

describe.each(Object.entries(WHY))('sample %s', (name, why) => {
  test('most maps of the model are believed', { timeout: 300_000 }, async () => {
    const found = await verdictsOf(name, 'true');
    expect(found).toHaveLength(COUNT);
    const believed = found.filter(({ verdict }) => verdict === 'believe');
    expect(believed.length, JSON.stringify(found.map(({ reasons }) => reasons))).toBeGreaterThan(COUNT / 2);
  });

  test('every map of the same network with shuffled labels is doubted', { timeout: 300_000 }, async () => {
    const found = await verdictsOf(name, 'shuffled');
    expect(found.map(({ verdict }) => verdict)).toEqual(found.map(() => 'doubt'));
    for (const { reasons } of found) expect(reasons).toContainEqual(expect.stringMatching(why));
  });
});
