import { inject } from 'vitest';
import { playCustomCases } from '../cases/customCases';

await playCustomCases(inject('backend'));
