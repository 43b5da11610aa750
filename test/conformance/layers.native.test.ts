import { playLayerCases } from './cases/layerCases';

await playLayerCases('native');
