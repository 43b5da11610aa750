import { playLayerCases } from './layerCases';

await playLayerCases('cpu');
