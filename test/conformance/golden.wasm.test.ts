import { playGolden } from './goldenCases';

await playGolden('wasm');
