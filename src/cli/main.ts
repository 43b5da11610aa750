/** The entry point of the command line. It is small, so that the code of the commands can be taken from the compile cache. */
import { useCompileCache } from '../server/compute/compileCache';

useCompileCache();
void import('./commandLine').then(({ runCommandLine }) => runCommandLine());
