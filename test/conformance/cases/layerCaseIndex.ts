import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParameterCount, Shape } from '../../../src/shared/model';

/** One line of test/fixtures/layers/<family>/index.json: a model that Keras saved and the values that it computed. */
export interface CaseIndex {
  readonly case: string;
  readonly family: string;
  readonly model: string;
  readonly arrays: string;
  /** Static output shapes by path. */
  readonly shapes: Readonly<Record<string, readonly Shape[]>>;
  readonly params: ParameterCount;
  /** Replaces 1e-5; the reason is beside it. */
  readonly tolerance?: number;
}

export const FOLDER = join(__dirname, '../../fixtures/layers');

/** The cases of all families, in order. */
export function layerCases(): CaseIndex[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((family) => {
      const cases: Omit<CaseIndex, 'family'>[] = JSON.parse(
        readFileSync(join(FOLDER, family, 'index.json'), 'utf8'),
      );
      return cases.map((layerCase) => ({ ...layerCase, family }));
    });
}
