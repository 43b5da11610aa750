/**
 * The entry point of the server and, with `--compute`, of its compute process. It is small, so that both can load the code
 * that they share (`analysis.ts`) at the same time.
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
