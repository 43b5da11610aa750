import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { wasItTheInput } from '../../../src/server/answers/wasItTheInput';
import { encodePng } from '../../../src/server/render/png';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import type { Preprocessing } from '../../../src/shared/inputs';
import { RESIZES } from '../../../src/shared/sources/resizing';

const MODEL = join(__dirname, '../../../samples/4-cat-or-dog/cat-or-dog.keras');
const folder = mkdtempSync(join(tmpdir(), 'layerglass-resize-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const session = new Session({ backend: 'onnx', nativePath: '', strict: true, threads: 0 });

/** An image of stripes that no two ways to resize treat alike. */
function stripes(width: number, height: number): string {
  const path = join(folder, `${width}x${height}.png`);
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + (i % 7) * 20) % 256);
  writeFileSync(path, encodePng(rgb, width, height));
  return path;
}

const asked = async (path: string, preprocessing: Preprocessing, isAsked = true) => {
  const { id } = await session.open(MODEL);
  const inputs = [{ kind: 'file', path }] as const;
  return session.run(id, inputs, preprocessing, NO_CONTROL, async (run) => ({
    values: [...(run.inputs[0]?.values ?? [])],
    notices: run.inputs[0]?.notices ?? [],
    answer: isAsked ? await wasItTheInput(run, { inputs, preprocessing }, NO_CONTROL) : null,
  }));
};

describe('the way in which an image is resized', () => {
  test('changes what the model gets, and each other way is a version of the input that can be chosen', async () => {
    const path = stripes(90, 61);
    const found = await Promise.all(RESIZES.map((resize, i) => asked(path, { name: '0..1', resize }, i < 2)));
    expect(new Set(found.map(({ values }) => values.slice(0, 40).join())).size).toBe(RESIZES.length);
    const [bilinear, nearest] = found;
    expect(bilinear?.notices.join()).toMatch(/\(90 x 61\) was resized to .* pixels \(bilinear\)/);
    const resized = nearest?.answer?.variations.filter(({ kind }) => kind === 'resizing') ?? [];
    expect(resized.map(({ preprocessing }) => preprocessing?.resize).sort()).toEqual(
      RESIZES.filter((resize) => resize !== 'pil-nearest').sort(),
    );
    const scaled = nearest?.answer?.variations.find(({ what }) => what === 'preprocessing none');
    expect(scaled?.preprocessing).toEqual({ name: 'none', resize: 'pil-nearest' });
    // The version is what the model gets when it is chosen.
    const one = resized.find(({ preprocessing }) => preprocessing?.resize === 'bilinear');
    expect(one?.prediction).toEqual(bilinear?.answer?.prediction);
  });

  test('is no version of an image that has the size of the model', async () => {
    const { graph } = await session.open(MODEL);
    const [, height, width] = graph.summary.inputs[0]?.shape ?? [];
    const { answer } = await asked(stripes(width ?? 0, height ?? 0), { name: '0..1' });
    expect(answer?.variations.map(({ kind }) => kind)).not.toContain('resizing');
  });
});
