import { inject } from 'vitest';
import { testGolden } from '../cases/goldenCases';
import { testVolumes } from '../cases/volumeCases';

await testGolden(inject('backend'));
await testVolumes(inject('backend'));
