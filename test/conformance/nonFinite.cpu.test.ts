import { playNonFinite } from './nonFiniteCases';

await playNonFinite('cpu');
