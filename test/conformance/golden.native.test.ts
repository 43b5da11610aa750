import { playGolden } from './cases/goldenCases';
import { playVolumes } from './cases/volumeCases';

await playGolden('native');
await playVolumes('native');
