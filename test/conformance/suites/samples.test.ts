import { inject } from 'vitest';
import { testSamples } from '../cases/sampleCases';

await testSamples(inject('backend'));
