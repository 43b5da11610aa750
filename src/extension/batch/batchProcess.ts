import { fork } from 'node:child_process';
import * as l10n from '@vscode/l10n';
import {
  type BatchProgress,
  type BatchSummary,
  batchProgress,
  batchSummary,
} from '../../shared/batch/batchProgress';
import type { Result } from '../../shared/errors';
import { languageEnvironment } from '../language';

/** Characters of an error message that are kept. */
const MAX_ERROR = 20_000;
/** Characters of the answer, which names every failed input. */
const MAX_ANSWER = 200_000_000;

/** A batch that runs in a process of its own, so that the analysis server stays free for the pages. */
export interface BatchProcess {
  readonly ended: Promise<Result<BatchSummary>>;
  /** Ends it after the input that is being computed; what is done is kept. */
  stop(): void;
}

/**
 * Starts the command `batch` of the bundled command line.
 * @param cli its file
 * @param options all arguments behind `batch`
 */
export function startBatch(
  cli: string,
  options: readonly string[],
  env: Readonly<Record<string, string>>,
  onProgress: (step: BatchProgress) => void,
): BatchProcess {
  const child = fork(cli, ['batch', ...options, '--json'], {
    // Otherwise a host that is being debugged would pass its debugger port to the child.
    execArgv: [],
    silent: true,
    env: {
      ...process.env,
      ...languageEnvironment(),
      ...env,
      ELECTRON_RUN_AS_NODE: '1',
      ELECTRON_NO_ASAR: '1',
    },
  });
  let [answer, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (answer.length < MAX_ANSWER) answer += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-MAX_ERROR);
  });
  child.on('message', (message) => {
    const step = batchProgress.safeParse(message);
    if (step.success) onProgress(step.data);
  });
  let isStopped = false;
  const ended = new Promise<Result<BatchSummary>>((resolve) => {
    const failed = (message: string, remedy?: string) =>
      resolve({
        ok: false,
        error: { kind: isStopped ? 'cancelled' : 'bad-input', message, ...(remedy && { remedy }) },
      });
    child.once('error', (error) => failed(error.message));
    child.once('close', (code, signal) => {
      const summary = code === 0 ? batchSummary.safeParse(parsed(answer)) : null;
      if (summary?.success) return resolve({ ok: true, value: summary.data });
      const [, message, remedy] = /^layerglass: (.*)\n(?: {2}(.*)\n)?/m.exec(errors) ?? [];
      failed(
        message ?? l10n.t('The process that explains the folder ended: {0}.', signal ?? `exit code ${code}`),
        remedy,
      );
    });
  });
  return {
    ended,
    stop: () => {
      isStopped = true;
      child.kill('SIGINT');
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
