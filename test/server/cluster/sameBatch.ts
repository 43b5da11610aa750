import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Expects two folders of a batch to be equal but for what tells when and where they were made. */
export function expectSameBatch(out: string, as: string): void {
  const bytes = (folder: string, name: string): string => readFileSync(join(folder, name), 'latin1');
  for (const name of ['predictions.csv', 'predictions.parquet', 'report.html'])
    expect(bytes(out, name) === bytes(as, name), name).toBe(true);
  for (const name of ['inputs', 'maps/grad-cam']) {
    const pictures = readdirSync(join(as, name)).sort();
    expect(readdirSync(join(out, name)).sort()).toEqual(pictures);
    for (const picture of pictures)
      expect(bytes(join(out, name), picture) === bytes(join(as, name), picture), picture).toBe(true);
  }
}
