import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawnNames } from '../../../src/server/answers/drawnNames';
import { type DrawableExplanation, explainRun } from '../../../src/server/answers/explanation';
import { renderHeatMap } from '../../../src/server/answers/heatMapFiles';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { readSidecar } from '../../../src/server/session/sidecar';
import type { TargetChoice } from '../../../src/shared/explanation';
import type { MethodId } from '../../../src/shared/methods';

const SAMPLES = join(__dirname, '../../../samples');

async function explained(
  model: string,
  input: string,
  method: MethodId,
  target: TargetChoice = { index: 'auto' },
): Promise<DrawableExplanation> {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id, path, defaultPreprocessing } = await session.open(join(SAMPLES, model));
  const preprocessing = readSidecar(path)?.preprocessing ?? defaultPreprocessing;
  const inputs = [{ kind: 'file', path: join(SAMPLES, input) }] as const;
  try {
    return await session.run(id, inputs, preprocessing, NO_CONTROL, (run) =>
      explainRun(run, { modelId: id, preprocessing, method, layer: 'auto', target, labels: [] }, NO_CONTROL),
    );
  } finally {
    session.close(id);
  }
}

describe('what a page draws of the samples', () => {
  it('names the letters of a sequence', async () => {
    const { explanation } = await explained(
      '1-sequence/motif.keras',
      '1-sequence/with-motif.fasta',
      'saliency',
    );
    expect(explanation.names?.kind).toBe('letters');
    expect(explanation.names?.values).toHaveLength(1803);
    expect(new Set(explanation.names?.values)).toEqual(new Set('ACGT'));
    expect(explanation.displayMap.shape).toEqual([1803]);
    expect(explanation.mask).toBeNull();
  });

  it('gives one heat value for each word of a text, and none for padding', async () => {
    const { explanation, maps } = await explained('6-text/review.keras', '6-text/not-good.txt', 'saliency');
    const { names, displayMap } = explanation;
    expect(names?.kind).toBe('tokens');
    expect(names?.values.slice(10, 13)).toEqual(['was', 'not', 'good']);
    expect(displayMap.shape).toEqual([names?.values.length]);
    const heat = [...(maps[0]?.display.values ?? [])];
    expect([11, 12]).toContain(heat.indexOf(Math.max(...heat)));
    expect(names?.values.at(-1)).toBe('');
  });

  it('names the columns of a table', async () => {
    const { explanation } = await explained('7-table/prices.keras', '7-table/houses.csv', 'saliency');
    expect(explanation.names?.kind).toBe('columns');
    expect(explanation.names?.values.slice(0, 2)).toEqual(['area_m2', 'rooms']);
    expect(explanation.rawMap.shape).toEqual([8]);
  });

  it('marks the pixels over which the score of a segmentation is averaged', async () => {
    const ask = (target: TargetChoice) =>
      explained('8-segmentation/shapes.keras', '8-segmentation/disc-and-cross.png', 'grad-cam', target);
    const { explanation } = await ask({ index: 1 });
    expect(explanation.names).toBeNull();
    expect(explanation.mask).toMatchObject({ shape: [48, 48], dtype: 'uint8' });
    const inside = (mask: typeof explanation.mask) =>
      [...Buffer.from(mask?.data ?? '', 'base64')].flatMap((on, i) =>
        on === 1 ? [[i % 48, Math.floor(i / 48)] as const] : [],
      );
    const disc = inside(explanation.mask);
    expect(disc).toHaveLength(explanation.target.positions?.count ?? 0);
    // The disc of the sample is in the box from (4, 6) to (20, 22).
    const [columns, rows] = [disc.map(([x]) => x), disc.map(([, y]) => y)];
    expect(Math.min(...columns)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...columns)).toBeLessThanOrEqual(21);
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...rows)).toBeLessThanOrEqual(23);
    const region = inside((await ask({ index: 2, region: [10, 20, 13, 22] })).explanation.mask);
    expect(region).toEqual([
      [10, 20],
      [11, 20],
      [12, 20],
      [10, 21],
      [11, 21],
      [12, 21],
    ]);
  });
});

describe('an exported SVG', () => {
  const textsOf = async (...sample: Parameters<typeof explained>) => {
    const svg = renderHeatMap(await explained(...sample), 'svg', { colourMap: 'turbo', opacity: 0.5 });
    return [
      ...Buffer.from(svg)
        .toString()
        .matchAll(/<text [^>]*>([^<]*)</g),
    ].map((match) => match[1]);
  };

  it('has the words of a text, the letters of a sequence, and the columns of a table with their values', async () => {
    const words = await textsOf('6-text/review.keras', '6-text/not-good.txt', 'saliency');
    expect(words.join(' ')).toContain('the music was not good');
    const letters = await textsOf('1-sequence/motif.keras', '1-sequence/with-motif.fasta', 'saliency');
    expect(letters.filter((letter) => /^[ACGT]$/.test(letter ?? ''))).toHaveLength(1803);
    expect(letters).toContain('1800');
    const table = await textsOf('7-table/prices.keras', '7-table/houses.csv', 'saliency');
    const at = table.indexOf('area_m2');
    expect(Number(table[at + 1])).toBeGreaterThan(0);
    expect(table[at + 2]).toBe('rooms');
  });
});

describe('drawnNames', () => {
  it('bounds the number and the length of names, and shows invisible characters', () => {
    const kind = 'tokens';
    expect(drawnNames(undefined)).toBeNull();
    expect(drawnNames({ kind, values: new Array(20_001).fill('a') })).toBeNull();
    const long = `${'x'.repeat(199)}😀`;
    expect(drawnNames({ kind, values: ['\u202eevil', long, ''] })?.values).toEqual([
      '\\u202eevil',
      `${'x'.repeat(199)}…`,
      '',
    ]);
  });
});
