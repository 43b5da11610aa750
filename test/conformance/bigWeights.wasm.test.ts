import { playBigWeights } from './cases/bigWeightCases';

await playBigWeights('wasm');
