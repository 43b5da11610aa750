import { playSamples } from './sampleCases';

await playSamples('wasm');
