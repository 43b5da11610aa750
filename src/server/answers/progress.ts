import {
  type Connection,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver/node';
import type { Control } from '../run/control';

/** More frequent reports are not visible to the user and only cost time. */
export const MIN_REPORT_INTERVAL_MS = 80;

/** Work-done progress of one request, if the client asked for it. @param params of the request, with its token. */
export function createProgress(
  connection: Pick<Connection, 'sendProgress'>,
  params: unknown,
): { readonly report: Control['report']; end(): void } {
  const token =
    typeof params === 'object' && params !== null && 'workDoneToken' in params
      ? params.workDoneToken
      : undefined;
  const reports = typeof token === 'string' || typeof token === 'number' ? token : null;
  let last = Number.NEGATIVE_INFINITY;
  let begun = false;
  let latest: { readonly fraction: number; readonly message: string } | null = null;
  let timer: NodeJS.Timeout | undefined;
  const send = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd): void => {
    if (reports !== null) void connection.sendProgress(WorkDoneProgress.type, reports, value);
  };
  const sendLatest = (): void => {
    timer = undefined;
    if (latest === null) return;
    last = performance.now();
    const { fraction, message } = latest;
    const percentage = Math.round(fraction * 100);
    send(begun ? { kind: 'report', percentage, message } : { kind: 'begin', title: message, percentage });
    begun = true;
  };
  return {
    report(fraction, message) {
      if (reports === null) return;
      latest = { fraction, message };
      // The last report stays visible while its layer runs: it may be delayed, but not dropped.
      const wait = last + MIN_REPORT_INTERVAL_MS - performance.now();
      if (wait <= 0 && timer === undefined) sendLatest();
      else timer ??= setTimeout(sendLatest, wait);
    },
    end() {
      clearTimeout(timer);
      if (begun) send({ kind: 'end' });
    },
  };
}
