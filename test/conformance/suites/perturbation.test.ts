import { inject } from 'vitest';
import { testPerturbation } from '../cases/perturbationCases';

await testPerturbation(inject('backend'));
