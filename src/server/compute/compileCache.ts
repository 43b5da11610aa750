import * as nodeModule from 'node:module';
import { join } from 'node:path';

/** Of Node 22 and later. */
interface CompileCache {
  enableCompileCache?(folder: string): unknown;
  flushCompileCache?(): void;
}
const { enableCompileCache, flushCompileCache } = nodeModule as typeof nodeModule & CompileCache;

/** A process has evaluated by then what its first answer needs, and its user looks at that. */
const KEEP_AFTER_MS = 2000;

/**
 * Lets Node keep what it compiles of our bundles, so that the next start need not compile it. It is kept beside them: there it
 * is as safe as they are, and goes when they go. Where that folder cannot be written, nothing is kept.
 */
export function useCompileCache(): void {
  enableCompileCache?.(join(__dirname, 'compiled'));
}

/** For a process that is killed in the end: Node itself keeps what was compiled when a process exits. */
export function keepCompiledSoon(): void {
  if (flushCompileCache) setTimeout(flushCompileCache, KEEP_AFTER_MS).unref();
}
