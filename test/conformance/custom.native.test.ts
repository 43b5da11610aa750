import { playCustomCases } from './customCases';

await playCustomCases('native');
