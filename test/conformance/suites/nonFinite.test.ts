import { inject } from 'vitest';
import { testNonFinite } from '../cases/nonFiniteCases';

await testNonFinite(inject('backend'));
