import { playGolden } from './goldenCases';
import { playVolumes } from './volumeCases';

await playGolden('wasm');
await playVolumes('wasm');
