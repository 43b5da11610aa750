import { playLayerCases } from './layerCases';

await playLayerCases('native');
