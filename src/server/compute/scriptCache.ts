import { createHash } from 'node:crypto';
import Module, { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { readFile, statOf } from '../io/openFile';
import { writeFile } from '../io/writeFile';

/** A smaller module is compiled at once, and may use `import()`, which code from the cache cannot. */
const MIN_BYTES = 2 ** 15;
/** More than any of our bundles, or what it is compiled to. */
const MAX_BYTES = 2 ** 26;
const HASH_BYTES = 32;

/** A module as Node calls it. */
type Body = (
  exports: object,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  dirname: string,
) => void;

/**
 * Lets Node 20 keep the compiled code of the modules in one folder for the next process, as later versions do themselves
 * (`module.enableCompileCache`). Code that a process called is compiled when the next one starts, which saves a quarter of a second of an explanation.
 * @param cacheFolder is made when it is needed; nothing is kept where it is not writable
 */
export function cacheScripts(folder: string, cacheFolder: string): void {
  const { extensions } = createRequire(__filename);
  const standard = extensions['.js'];
  const scripts: CachedScript[] = [];
  extensions['.js'] = (module, filename) => {
    const isOurs = dirname(filename) === folder && (statOf(filename)?.size ?? 0) >= MIN_BYTES;
    if (!isOurs) return standard?.(module, filename);
    const script = new CachedScript(filename, join(cacheFolder, `${basename(filename)}.cache`));
    scripts.push(script);
    const require = createRequire(filename);
    script.body()(module.exports, require, module, filename, folder);
  };
  process.once('exit', () => {
    // A process that needed another module went further than those before: more of the others is compiled, too.
    if (scripts.some(({ isCached }) => !isCached)) for (const script of scripts) script.keep();
  });
}

/** A module whose compiled code is in a file, once `keep` has written it. */
export class CachedScript {
  private readonly script: Script;
  private readonly sourceHash: Buffer;
  /** Whether it did not have to be compiled. */
  readonly isCached: boolean;

  /** @throws Failure where the module cannot be read, SyntaxError */
  constructor(
    filename: string,
    private readonly cacheFile: string,
  ) {
    const source = readFile(filename, MAX_BYTES).toString('utf8');
    this.sourceHash = hashOf(source);
    const cachedData = readCache(cacheFile, this.sourceHash);
    this.script = new Script(Module.wrap(source), { filename, ...(cachedData && { cachedData }) });
    this.isCached = cachedData !== null && this.script.cachedDataRejected === false;
  }

  body(): Body {
    return this.script.runInThisContext();
  }

  /** Writes what is compiled by now. */
  keep(): void {
    const code = this.script.createCachedData();
    try {
      writeFile(this.cacheFile, Buffer.concat([this.sourceHash, hashOf(code), code]));
    } catch {
      // The folder is not writable: the next process compiles again.
    }
  }
}

const hashOf = (content: string | Buffer): Buffer => createHash('sha256').update(content).digest();

/** V8 compares no more of the source than its length, and does not notice damage. @returns `null` where the code is not that of the source */
function readCache(file: string, sourceHash: Buffer): Buffer | null {
  let bytes: Buffer;
  try {
    bytes = readFile(file, MAX_BYTES);
  } catch {
    return null;
  }
  const code = bytes.subarray(2 * HASH_BYTES);
  const isOfSource = bytes.subarray(0, HASH_BYTES).equals(sourceHash);
  return isOfSource && bytes.subarray(HASH_BYTES, 2 * HASH_BYTES).equals(hashOf(code)) ? code : null;
}
