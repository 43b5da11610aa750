import { playNonFinite } from './nonFiniteCases';

await playNonFinite('native');
