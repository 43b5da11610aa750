import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SAMPLES } from '../../../../src/extension/samples/samples';
import { Session } from '../../../../src/server/session/session';

const ROOT = join(import.meta.dirname, '../../../..');
const FOLDER = join(ROOT, 'samples');

test.each(Object.entries(SAMPLES))('sample %s has its model, inputs and layer', async (_, sample) => {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id, graph } = await session.open(join(FOLDER, sample.model));
  expect(sample.inputs).toHaveLength(graph.inputs.length);
  for (const input of sample.inputs) expect(existsSync(join(FOLDER, input))).toBe(true);
  if (typeof sample.shows === 'object') expect([...graph.nodes.keys()]).toContain(sample.shows.layer);
  session.close(id);
});

test('the steps of the walkthrough have their texts and name samples that exist', () => {
  const { walkthroughs } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).contributes;
  const texts = JSON.parse(readFileSync(join(ROOT, 'package.nls.json'), 'utf8'));
  const numbers = [];
  for (const { description, media } of walkthroughs[0].steps) {
    expect(existsSync(join(ROOT, media.markdown))).toBe(true);
    const [, number] = /showSample\?%5B%22(\d)%22%5D/.exec(texts[description.replaceAll('%', '')]) ?? [];
    if (number !== undefined) numbers.push(number);
  }
  expect(numbers).toEqual(Object.keys(SAMPLES));
});
