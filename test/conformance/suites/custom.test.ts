import { inject } from 'vitest';
import { testCustomCases } from '../cases/customCases';

await testCustomCases(inject('backend'));
