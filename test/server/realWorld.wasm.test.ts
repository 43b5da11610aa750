import { playRealWorldModels } from './realWorldModels';

await playRealWorldModels('wasm');
