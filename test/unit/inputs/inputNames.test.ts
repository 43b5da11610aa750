import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNpy } from '../../../src/server/inputs/arrays/npy';
import type { LoadedInput } from '../../../src/server/inputs/loadedInput';
import { loadInputs } from '../../../src/server/session/modelInputs';
import { OpenModels } from '../../../src/server/session/openModels';

const SAMPLES = join(__dirname, '../../../samples');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-names-'));
  for (const file of ['1-sequence/motif.keras', '5-sigmoid/scores.keras', '6-text/review.keras']) {
    cpSync(join(SAMPLES, file), join(folder, file.split('/')[1] ?? ''));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (model: string, json: unknown): void =>
  writeFileSync(
    join(folder, `${model}.layerglass.json`),
    typeof json === 'string' ? json : JSON.stringify(json),
  );

async function load(model: string, path: string): Promise<LoadedInput | undefined> {
  const opened = await new OpenModels({ strict: true }).open(join(folder, model));
  const [loaded] = await loadInputs(opened, [{ kind: 'file', path }], { name: 'none' }, {});
  opened.file.close();
  return loaded;
}

function put(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('names of an input', () => {
  test('are the words that the model splits its text into, at their positions', async () => {
    const loaded = await load('review.keras', join(SAMPLES, '6-text/not-good.txt'));
    const words = 'we saw it on a rainy monday and the music was not good we did not stay for the credits';
    expect(loaded?.names?.kind).toBe('tokens');
    expect(loaded?.names?.values.slice(0, 20)).toEqual(words.split(' '));
    expect(loaded?.names?.values.slice(20)).toEqual(['', '', '', '']);
    const long = await load('review.keras', put('long.txt', 'word '.repeat(50)));
    expect(long?.names?.values).toEqual(new Array(24).fill('word'));
  });

  test('are the letters of a FASTA file, or of a one-hot array by the alphabet beside the model', async () => {
    const fasta = join(SAMPLES, '1-sequence/with-motif.fasta');
    const array = join(SAMPLES, '1-sequence/with-motif.npy');
    const loaded = await load('motif.keras', fasta);
    expect(loaded?.names?.values.slice(216, 220).join('')).toMatch(/.CG./);
    expect((await load('motif.keras', array))?.names).toBeUndefined();
    settings('motif.keras', { alphabet: 'ACGT' });
    const same = await load('motif.keras', array);
    expect(same?.names).toEqual(loaded?.names);
    expect(same?.values).toEqual(loaded?.values);
    const noise = put('noise.npy', writeNpy(new Float32Array(1803 * 4).fill(0.25), [1803, 4]));
    expect((await load('motif.keras', noise))?.names).toBeUndefined();
    settings('motif.keras', { alphabet: 'TGCA' });
    expect((await load('motif.keras', fasta))?.values).not.toEqual(loaded?.values);
  });

  test('are the columns beside the model', async () => {
    const columns = Array.from({ length: 30 }, (_, i) => `measure ${i}`);
    settings('scores.keras', { columns });
    const names = { kind: 'columns', values: columns };
    expect((await load('scores.keras', join(SAMPLES, '5-sigmoid/sure.npy')))?.names).toEqual(names);
    const reversed = put(
      'turned.csv',
      `${columns.toReversed().join(',')}\n${columns.map((_, i) => i).join(',')}\n`,
    );
    const loaded = await load('scores.keras', reversed);
    expect([...(loaded?.values ?? [])]).toEqual(columns.map((_, i) => 29 - i));
    expect(loaded?.notices).toEqual([]);
    settings('scores.keras', { columns: { measurements: columns } });
    expect((await load('scores.keras', reversed))?.names).toEqual(names);
    settings('scores.keras', { columns: { other: columns } });
    expect((await load('scores.keras', reversed))?.notices[0]).toContain('in the order of the file');
  });
});

describe('settings beside the model that cannot be read', () => {
  test.each(['{', '{"alphabet": "AA"}', '{"alphabet": 3}', '{"columns": "a"}', '{"columns": {"x": [1]}}'])(
    '%s matter only to files that depend on them',
    async (json) => {
      settings('scores.keras', json);
      expect((await load('scores.keras', join(SAMPLES, '5-sigmoid/sure.npy')))?.names).toBeUndefined();
      await expect(load('scores.keras', put('row.csv', '1\n'))).rejects.toMatchObject({
        error: { kind: 'bad-config', message: expect.stringContaining('scores.keras.layerglass.json') },
      });
    },
  );
});
