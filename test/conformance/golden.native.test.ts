import { playGolden } from './goldenCases';
import { playVolumes } from './volumeCases';

await playGolden('native');
await playVolumes('native');
