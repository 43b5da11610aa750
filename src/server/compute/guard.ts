/**
 * Runs in a worker thread of the compute process, whose main thread may be busy in one kernel for minutes. Ends the process
 * when it exceeds its memory limit or when its server is gone.
 */
import * as l10n from '@vscode/l10n';
import '../io/translations';
import { workerData } from 'node:worker_threads';
import { byteText } from '../../shared/amounts';
import { endProcess } from './endProcess';

const CHECK_INTERVAL_MS = 200;

const data: unknown = workerData;
const maxBytes =
  typeof data === 'object' && data !== null && 'maxBytes' in data && typeof data.maxBytes === 'number'
    ? data.maxBytes
    : Number.POSITIVE_INFINITY;
const serverPid = process.ppid;

setInterval(() => {
  const taken = process.memoryUsage.rss();
  if (taken > maxBytes) {
    endProcess(
      l10n.t('it took {0} of memory, more than the limit of {1}', byteText(taken), byteText(maxBytes)),
    );
  }
  if (process.ppid !== serverPid) endProcess(l10n.t('its server is gone'));
}, CHECK_INTERVAL_MS);
