import { inject } from 'vitest';
import { playNonFinite } from '../cases/nonFiniteCases';

await playNonFinite(inject('backend'));
