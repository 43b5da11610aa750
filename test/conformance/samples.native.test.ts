import { playSamples } from './sampleCases';

await playSamples('native');
