import { playForward } from './forwardCases';

await playForward('native');
