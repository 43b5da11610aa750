import { playNonFinite } from './nonFiniteCases';

await playNonFinite('wasm');
