import { inject } from 'vitest';
import { testMethods } from '../cases/methodCases';

await testMethods(inject('backend'));
