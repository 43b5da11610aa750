import { playGraphCases } from './graphCases';

await playGraphCases('native');
