import { playForward } from './forwardCases';

await playForward('cpu');
