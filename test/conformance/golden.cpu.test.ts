import { playGolden } from './goldenCases';
import { playVolumes } from './volumeCases';

await playGolden('cpu');
await playVolumes('cpu');
