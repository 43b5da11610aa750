import { playLayerCases } from './layerCases';

await playLayerCases('wasm');
