import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
} from 'vscode-languageserver/node';
import { fail, type Result, toResult } from '../../shared/errors';
import { explain, type ServerOptions } from '../../shared/protocol';
import { now } from '../../shared/timeLine';
import { prepareNext, warmUp } from '../answers/warmUp';
import type { Control } from '../run/control';
import { memoryLimits } from '../session/memoryLimits';
import { Session } from '../session/session';
import { measuredFile } from './backendMeasurement';
import { scheduleCompileCacheFlush } from './compileCache';
import { EXIT_REASON_PREFIX } from './exitReason';
import type { ComputeModel } from './messages';
import * as messages from './messages';
import { OpenVersions } from './openVersions';
import { writeProgress } from './progressPipe';
import { findManyHandler, findPairHandler, findRunHandler } from './runHandlers';

/** After an explanation without another request, the next one is prepared; after a model was closed, garbage is collected. */
const IDLE_MS = 200;

/**
 * Between two reports of a request on a backend that computes whole graphs: a report takes half a millisecond. Elsewhere each layer is
 * reported, which may keep the process busy for long.
 */
const REPORT_MS = 40;

/** The compute process: owns all tensors and handles one request at a time. It may be killed and restarted at any time. */
export function serveCompute(): void {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  let session: Session | null = null;
  const models = new OpenVersions({
    openVersion: (...version) => initialized(session).openVersion(...version),
    // The server has kept it a little longer already, where that was wanted.
    close: (id) => session?.close(id, true),
  });
  let maxIdle = Number.POSITIVE_INFINITY;
  let reportEvery = 0;
  let hasAnswered = false;
  /** What ends with the next request: a warm-up, and a recording of the next run. */
  const endings = new Set<() => void>();
  /** Calls `work` with a control by which the next request ends it. */
  const untilRequest = async (work: (control: Control) => Promise<void>): Promise<void> => {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    endings.add(end);
    exitIfBroken(await toResult(() => work({ isCancelled: () => isOver, report: () => {} })));
    endings.delete(end);
  };
  /** What is done after the last explanation, unless a request comes first. */
  let whenIdle: NodeJS.Timeout | undefined;
  let collection: NodeJS.Timeout | undefined;
  /** What is reached on the way to the first answer. */
  const reach = (name: string, at = now()): void => {
    if (!hasAnswered) void connection.sendNotification(messages.reached, { name: `compute: ${name}`, at });
  };
  const loaded = now();

  connection.onNotification(messages.start, (options: ServerOptions) => {
    const limits = memoryLimits(options.memoryLimit);
    maxIdle = limits.idle;
    new Worker(join(__dirname, 'guard.js'), { workerData: { maxBytes: limits.process } }).unref();
    const started = new Session(
      { ...options, strict: false, measuredFile: measuredFile() },
      (status) => {
        reach('backend started');
        reportEvery = status.name === 'onnx' ? REPORT_MS : 0;
        void connection.sendNotification(messages.backendStarted, status);
      },
      limits,
    );
    session = started;
    reach('process', performance.timeOrigin);
    reach('code loaded', loaded);
  });
  connection.onRequest(messages.backend, () =>
    toResult(async () => (await initialized(session).backend()).status),
  );
  connection.onRequest(messages.request, async ({ run: number, method, model, other, params }, token) => {
    reach('request');
    // What the warm-up has read and compiled so far is used.
    for (const end of endings) end();
    clearTimeout(whenIdle);
    const result = await toResult(async () => {
      const row = findRunHandler(method);
      const many = findManyHandler(method);
      const pair = findPairHandler(method);
      if (!row && !many && !pair)
        return fail('internal', `The compute process knows no request "${method}".`);
      const { id } = await models.open(model);
      const control = createControl(number, token);
      if (pair && other) {
        const opened = {
          a: initialized(session).get(id),
          b: initialized(session).get((await models.open(other)).id),
        };
        return pair.handle(initialized(session), opened, params, control);
      }
      if (!row) return many?.handle(initialized(session), id, params, control);
      return initialized(session).run(
        id,
        params.inputs,
        params.preprocessing,
        control,
        (run) => {
          reach('weights read, forward pass');
          return row.handle(run, params, control);
        },
        { insist: params.insist === true },
      );
    });
    exitIfBroken(result);
    reach('explained');
    if (!hasAnswered) scheduleCompileCacheFlush();
    hasAnswered = true;
    // Before the answer: the server decides then whether the process is replaced.
    reportIfOutgrown(initialized(session).keptBytes);
    if (result.ok && method === explain.method) {
      whenIdle = setTimeout(
        () => void untilRequest((control) => prepareNext(initialized(session), control)),
        IDLE_MS,
      );
    }
    return result;
  });
  // A failure of the model or the backend is reported with the next request.
  connection.onNotification(messages.prepare, ({ path, architecture }) => {
    void session
      ?.prepare(path, architecture)
      .then(() => reach('model prepared'))
      .catch(() => {});
  });
  connection.onNotification(messages.warmUp, (model) =>
    untilRequest(async (control) => {
      const opened = await models.open(model);
      await warmUp(initialized(session), opened, control);
      reach('warmed up');
    }),
  );
  connection.onNotification(messages.release, (model: ComputeModel) => {
    void models.release(model).then((isReleased) => {
      if (!isReleased) return;
      clearTimeout(collection);
      // V8 does not see how large the arrays are that the model leaves behind.
      collection = setTimeout(() => globalThis.gc?.(), IDLE_MS);
    });
  });

  function reportIfOutgrown(kept: number): void {
    const bytes = process.memoryUsage.rss();
    if (bytes - kept > maxIdle) void connection.sendNotification(messages.outgrown, { bytes });
  }

  function createControl(run: number, token: CancellationToken): Control {
    let last = performance.now();
    return {
      isCancelled: () => token.isCancellationRequested,
      report(fraction, message) {
        const time = performance.now();
        if (time - last < reportEvery) return;
        last = time;
        writeProgress({ run, fraction, message });
      },
    };
  }

  process.on('disconnect', () => process.exit());
  connection.listen();
}

const initialized = (session: Session | null): Session =>
  session ?? fail('internal', 'The compute process got a request before its options.');

/** A backend that ran out of memory inside a kernel computes wrong numbers afterwards: the process exits after the result. */
function exitIfBroken(result: Result<unknown>): void {
  if (result.ok || result.error.kind !== 'compute-ended') return;
  process.stderr.write(`\n${EXIT_REASON_PREFIX}${result.error.message.replace(/[.。]$/, '')}\n`, () => {
    setImmediate(() => process.exit(1));
  });
}
