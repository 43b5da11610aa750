import { inject } from 'vitest';
import { testAttention } from '../cases/attentionCases';

await testAttention(inject('backend'));
