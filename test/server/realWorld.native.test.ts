import { testRealWorldModels } from './realWorldModels';

await testRealWorldModels('native');
