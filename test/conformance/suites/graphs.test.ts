import { inject } from 'vitest';
import { testGraphCases } from '../cases/graphCases';

await testGraphCases(inject('backend'));
