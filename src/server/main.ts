/**
 * The entry point of the server and, with `--compute`, of its compute process. It is small, so that both can load the code
 * that they share (`analysis.ts`) at the same time. With `--measure`, of a process that measures one backend, with
 * `--weights` of the server's thread for weights.
 */
import { useCompileCache } from './compute/compileCache';
import { forkMeasure, MEASURE } from './compute/measureProcess';
import { forkCompute, SpareProcess } from './compute/spareProcess';
import { startWeightsThread, WEIGHTS } from './compute/weights/startThread';

useCompileCache();
if (process.argv.includes('--compute')) {
  void import('./analysis').then(({ serveCompute }) => serveCompute());
} else if (process.argv.includes(MEASURE)) {
  const options = JSON.parse(process.argv.at(-1) ?? '');
  void import('./analysis').then(({ measureBackend }) => measureBackend(options));
} else if (process.argv.includes(WEIGHTS)) {
  void import('./analysis').then(({ serveWeights }) => serveWeights());
} else {
  const spare = new SpareProcess(() => forkCompute(__filename));
  void import('./analysis').then(({ startServer }) =>
    startServer({
      spare,
      measure: (options) => forkMeasure(__filename, options),
      weights: (options) => startWeightsThread(__filename, options),
    }),
  );
}
