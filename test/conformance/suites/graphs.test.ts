import { inject } from 'vitest';
import { playGraphCases } from '../cases/graphCases';

await playGraphCases(inject('backend'));
