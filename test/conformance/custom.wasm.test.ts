import { playCustomCases } from './customCases';

await playCustomCases('wasm');
