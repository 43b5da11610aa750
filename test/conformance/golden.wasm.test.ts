import { playGolden } from './cases/goldenCases';
import { playVolumes } from './cases/volumeCases';

await playGolden('wasm');
await playVolumes('wasm');
