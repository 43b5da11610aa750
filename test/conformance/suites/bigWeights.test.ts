import { inject } from 'vitest';
import { testBigWeights } from '../cases/bigWeightCases';

await testBigWeights(inject('backend'));
