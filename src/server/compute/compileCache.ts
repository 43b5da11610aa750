import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { cacheScripts } from './scriptCache';

/** In Node 22 and later. */
interface CompileCache {
  enableCompileCache?(folder: string): unknown;
  flushCompileCache?(): void;
}
const { enableCompileCache, flushCompileCache } = nodeModule as typeof nodeModule & CompileCache;

/** By then the process has evaluated what its first result needs, and the user is looking at it. */
const FLUSH_DELAY_MS = 2000;

/**
 * Lets Node cache the compiled code of our bundles for the next start. The cache is beside them: there it is as safe as they
 * are and is deleted with them. Nothing is cached if that folder is not writable.
 */
export function useCompileCache(): void {
  const folder = join(__dirname, 'compiled');
  if (enableCompileCache) enableCompileCache(folder);
  else cacheScripts(__dirname, folder);
}

/** For a process that is killed: Node itself writes the cache only on a normal exit. */
export function scheduleCompileCacheFlush(): void {
  if (flushCompileCache) setTimeout(flushCompileCache, FLUSH_DELAY_MS).unref();
}
