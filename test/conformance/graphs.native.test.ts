import { playGraphCases } from './cases/graphCases';

await playGraphCases('native');
