/**
 * The file that is started, as the server and, with `--compute`, as its compute process. It is small, so that the two can
 * load what they share (`analysis.ts`) at the same time.
 */
import { useCompileCache } from './compute/compileCache';
import { forkCompute, SpareProcess } from './compute/spareProcess';

useCompileCache();
if (process.argv.includes('--compute')) {
  void import('./analysis').then(({ serveCompute }) => serveCompute());
} else {
  const spare = new SpareProcess(() => forkCompute(__filename));
  void import('./analysis').then(({ startServer }) => startServer(spare));
}
