import { playGraphCases } from './graphCases';

await playGraphCases('wasm');
