import { playSamples } from './cases/sampleCases';

await playSamples('native');
