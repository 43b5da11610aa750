import { inject } from 'vitest';
import { testUnits } from '../cases/unitCases';

await testUnits(inject('backend'));
