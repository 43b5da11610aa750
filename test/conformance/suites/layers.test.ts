import { inject } from 'vitest';
import { playLayerCases } from '../cases/layerCases';

await playLayerCases(inject('backend'));
