import { inject } from 'vitest';
import { playSamples } from '../cases/sampleCases';

await playSamples(inject('backend'));
