import { playSamples } from './sampleCases';

await playSamples('cpu');
