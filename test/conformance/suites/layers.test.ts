import { inject } from 'vitest';
import { testLayerCases } from '../cases/layerCases';

await testLayerCases(inject('backend'));
