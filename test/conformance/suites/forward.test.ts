import { inject } from 'vitest';
import { testForward } from '../cases/forwardCases';

await testForward(inject('backend'));
