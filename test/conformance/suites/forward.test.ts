import { inject } from 'vitest';
import { playForward } from '../cases/forwardCases';

await playForward(inject('backend'));
