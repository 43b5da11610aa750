import {
  type Connection,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver/node';
import type { Control } from '../run/control';

/** Progress is for people: reports closer than this only cost. */
export const REPORT_EVERY_MS = 80;

/** Work-done progress of one request, where its sender wants it. @param params the request's, with its token. */
export function progressOf(
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
      // The last report stays on show for as long as its layer takes: it may be put off, never left out.
      const wait = last + REPORT_EVERY_MS - performance.now();
      if (wait <= 0 && timer === undefined) sendLatest();
      else timer ??= setTimeout(sendLatest, wait);
    },
    end() {
      clearTimeout(timer);
      if (begun) send({ kind: 'end' });
    },
  };
}
