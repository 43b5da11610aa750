import { playGolden } from './cases/goldenCases';
import { playVolumes } from './cases/volumeCases';

await playGolden('cpu');
await playVolumes('cpu');
