import { playCustomCases } from './cases/customCases';

await playCustomCases('wasm');
