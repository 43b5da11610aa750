import { playForward } from './forwardCases';

await playForward('wasm');
