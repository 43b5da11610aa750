import { playGolden } from './goldenCases';

await playGolden('cpu');
