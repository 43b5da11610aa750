import { inject } from 'vitest';
import { playGolden } from '../cases/goldenCases';
import { playVolumes } from '../cases/volumeCases';

await playGolden(inject('backend'));
await playVolumes(inject('backend'));
