import { playRealWorldModels } from './realWorldModels';

await playRealWorldModels('native');
