import { playBigWeights } from './bigWeightCases';

await playBigWeights('wasm');
