import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { byteText } from '../../shared/amounts';
import { Failure, fail } from '../../shared/errors';
import { type Archive, PACKAGE_FOLDER, TFJS_VERSION } from './archives';
import { download } from './download';
import { unpack } from './unpack';

/** Loading TensorFlow takes seconds; a machine under load takes longer. */
const SELF_TEST_MS = 120_000;

/** Runs in a process of its own, because a binding that does not fit can end the process that loads it. Prints TensorFlow's version. */
const SELF_TEST = `
const tf = require(process.argv[1]);
const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6], [2, 1])).dataSync();
if (product[0] !== 17 || product[1] !== 39) throw new Error('its self-test gave wrong numbers');
process.stdout.write('TensorFlow ' + tf.backend().binding.TF_Version);
`;

export interface InstallOptions {
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
  readonly log: (line: string) => void;
  readonly proxy?: string | undefined;
}

/** The TensorFlow backend that the command downloads, in the extension's global storage. */
export class Installation {
  private readonly root: string;
  /** What the server is given as `nativePath`, whether it is there or not. Another version has another folder. */
  readonly folder: string;
  /** Where a download is under way. */
  private partial: string | undefined;

  constructor(storage: string) {
    this.root = join(storage, 'tensorflow');
    this.folder = join(this.root, TFJS_VERSION);
  }

  get isThere(): boolean {
    return existsSync(this.folder);
  }

  /**
   * Downloads, unpacks and tries the backend in a folder beside its place, which it then takes. Whatever goes wrong, nothing is left.
   *
   * @returns TensorFlow's version
   * @throws Failure `download-failed`, `too-large`, `write-failed`, `backend` if it does not work here, `cancelled`
   */
  async install(archives: readonly Archive[], options: InstallOptions): Promise<string> {
    const { signal, report, log } = options;
    const partial = join(this.root, `${process.pid}-${randomBytes(8).toString('hex')}`);
    const content = join(partial, 'content');
    this.partial = partial;
    try {
      await this.removeLeftovers();
      await onDisk(partial, () => mkdir(partial, { recursive: true, mode: 0o700 }));
      for (const [i, archive] of archives.entries()) {
        const file = join(partial, 'archive.tar.gz');
        const count = l10n.t('{0} of {1}, {2}', i + 1, archives.length, archive.name);
        const progress = (received: number, total: number | undefined) =>
          report(
            total === undefined
              ? `${count}: ${byteText(received)}`
              : `${count}: ${l10n.t('{0} of {1}', byteText(received), byteText(total))}`,
          );
        report(count);
        const sha256 = await download(archive, file, { signal, progress, proxy: options.proxy });
        log(`Downloaded ${archive.url}: SHA-256 ${sha256}`);
        await unpack(archive, file, join(content, archive.folder), signal);
        await rm(file);
      }
      report(l10n.t('trying it'));
      const version = await selfTest(join(content, PACKAGE_FOLDER), signal);
      await this.remove();
      await onDisk(this.folder, () => rename(content, this.folder));
      return version;
    } finally {
      this.partial = undefined;
      await rm(partial, { recursive: true, force: true });
    }
  }

  /**
   * Deletes the backend and other versions of it.
   * @returns whether there was one
   * @throws Failure `write-failed`
   */
  async remove(): Promise<boolean> {
    const wasThere = this.isThere;
    await this.removeAll(() => true);
    return wasThere;
  }

  /** Deletes what windows left that were closed or killed during the download. */
  removeLeftovers(): Promise<void> {
    return this.removeAll((name) => PARTIAL.test(name));
  }

  /** Deletes what is meant, but never what this window or another one downloads right now. */
  private async removeAll(isMeant: (name: string) => boolean): Promise<void> {
    // No folder yet is the usual case.
    for (const name of await readdir(this.root).catch(() => [])) {
      const path = join(this.root, name);
      const pid = PARTIAL.exec(name)?.[1];
      const isUnderWay = path === this.partial || (pid !== undefined && runsElsewhere(Number(pid)));
      if (isMeant(name) && !isUnderWay) await onDisk(path, () => rm(path, { recursive: true, force: true }));
    }
  }
}

/** The folder of a download; its name says whether the process that made it still lives. */
const PARTIAL = /^(\d+)-[0-9a-f]{16}$/;

async function onDisk(path: string, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    fail('write-failed', l10n.t('{0} could not be changed: {1}', path, why), {
      remedy: l10n.t('Make that folder writable, close other windows that use TensorFlow, and try again.'),
      subject: path,
    });
  }
}

function runsElsewhere(pid: number): boolean {
  // A container may give the same number to every extension host.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @returns the version that TensorFlow states */
function selfTest(packageFolder: string, signal: AbortSignal): Promise<string> {
  // As the server starts it (`server/run/backends/native.ts`).
  const quiet = { TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '0' };
  const env = { ...process.env, ...quiet, ELECTRON_RUN_AS_NODE: '1' };
  const limits = { signal, timeout: SELF_TEST_MS, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['-e', SELF_TEST, packageFolder],
      { env, ...limits },
      (error, output, messages) => {
        const version = /TensorFlow (\S+)$/.exec(output)?.[1];
        if (error === null && version !== undefined) resolve(version);
        else reject(signal.aborted ? cancelled() : broken(messages, error?.signal ?? null));
      },
    );
  });
}

const cancelled = (): Failure => new Failure({ kind: 'cancelled', message: l10n.t('Cancelled.') });

function broken(messages: string, signal: NodeJS.Signals | null): Failure {
  const line = /AVX|[^\n]*\bError: .*/.exec(messages)?.[0] ?? messages.trim().split('\n').at(-1) ?? '';
  const isProcessor = line === 'AVX' || signal === 'SIGILL';
  const cause = isProcessor
    ? l10n.t('the processor lacks AVX instructions, which TensorFlow needs')
    : line ||
      (signal === null
        ? l10n.t('its process ended with an error')
        : l10n.t('its process ended with {0}', signal));
  return new Failure({
    kind: 'backend',
    message: l10n.t('TensorFlow was downloaded but does not work on this machine: {0}.', cause),
    remedy: l10n.t('Nothing of it was kept; the other backends go on working.'),
  });
}
