import { playCustomCases } from './customCases';

await playCustomCases('cpu');
