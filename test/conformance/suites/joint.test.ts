import { inject } from 'vitest';
import { testJointRuns } from '../cases/jointCases';

await testJointRuns(inject('backend'));
