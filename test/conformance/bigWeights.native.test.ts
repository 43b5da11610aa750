import { playBigWeights } from './bigWeightCases';

await playBigWeights('native');
