import { playGraphCases } from './graphCases';

await playGraphCases('cpu');
