import { inject } from 'vitest';
import { playBigWeights } from '../cases/bigWeightCases';

await playBigWeights(inject('backend'));
