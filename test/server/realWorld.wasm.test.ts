import { testRealWorldModels } from './realWorldModels';

await testRealWorldModels('wasm');
