import { playGolden } from './goldenCases';

await playGolden('native');
