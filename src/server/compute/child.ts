import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
} from 'vscode-languageserver/node';
import { fail, type Result, toResult } from '../../shared/errors';
import type { ServerOptions } from '../../shared/protocol';
import type { Control } from '../run/control';
import { memoryLimits } from '../session/memoryLimits';
import type { OpenModel } from '../session/openModels';
import { Session } from '../session/session';
import { keepCompiledSoon } from './compileCache';
import { ENDED_BECAUSE } from './endedBecause';
import type { ComputeModel } from './messages';
import * as messages from './messages';
import { writeProgress } from './progressPipe';
import { findRunAnswer } from './runAnswers';

/** The compute process: owns all tensors, answers one request at a time, and is ended and started again at will. */
export function serveCompute(): void {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const models = new Map<string, Promise<OpenModel>>();
  let session: Session | null = null;
  let maxIdle = Number.POSITIVE_INFINITY;
  let hasAnswered = false;

  connection.onNotification(messages.start, (options: ServerOptions) => {
    const limits = memoryLimits(options.memoryLimit);
    maxIdle = limits.idle;
    new Worker(join(__dirname, 'guard.js'), { workerData: { maxBytes: limits.process } }).unref();
    const started = new Session(
      { ...options, strict: false },
      (status) => void connection.sendNotification(messages.backendStarted, status),
      limits,
    );
    session = started;
  });
  connection.onRequest(messages.backend, () => toResult(async () => (await there(session).backend()).status));
  connection.onRequest(messages.answer, async ({ run: number, method, model, params }, token) => {
    const result = await toResult(async () => {
      const row = findRunAnswer(method);
      if (!row) return fail('internal', `The compute process knows no request "${method}".`);
      const { id } = await opened(there(session), models, model);
      const control = controlOf(number, token);
      return there(session).run(
        id,
        params.inputs,
        params.preprocessing,
        control,
        (run) => row.answer(run, params, control),
        { insist: params.insist === true },
      );
    });
    endIfBroken(result);
    if (!hasAnswered) keepCompiledSoon();
    hasAnswered = true;
    reportIfOutgrown(there(session).keptBytes);
    return result;
  });
  // What is wrong with the model or the backend the server says when it asks.
  connection.onNotification(messages.prepare, ({ path }) => void session?.prepare(path).catch(() => {}));
  connection.onNotification(messages.release, (model: ComputeModel) => {
    const key = keyOf(model);
    const opening = models.get(key);
    models.delete(key);
    void opening?.then(({ id }) => session?.close(id)).catch(() => {});
  });

  function reportIfOutgrown(kept: number): void {
    const bytes = process.memoryUsage.rss();
    if (bytes - kept > maxIdle) void connection.sendNotification(messages.outgrown, { bytes });
  }

  function controlOf(run: number, token: CancellationToken): Control {
    return {
      isCancelled: () => token.isCancellationRequested,
      report: (fraction, message) => writeProgress({ run, fraction, message }),
    };
  }

  process.on('disconnect', () => process.exit());
  connection.listen();
}

/** The session holds each model once, until the server releases it. @throws Failure */
function opened(
  session: Session,
  models: Map<string, Promise<OpenModel>>,
  model: ComputeModel,
): Promise<OpenModel> {
  const key = keyOf(model);
  const known = models.get(key);
  if (known) return known;
  const opening = session.openVersion(model.path, model.version);
  models.set(key, opening);
  opening.catch(() => models.delete(key));
  return opening;
}

const keyOf = ({ path, version }: ComputeModel): string => `${version} ${path}`;

const there = (session: Session | null): Session =>
  session ?? fail('internal', 'The compute process was asked before it was told how to start.');

/** A backend that ran out of memory inside a kernel gives wrong numbers from then on: the process ends with its answer. */
function endIfBroken(result: Result<unknown>): void {
  if (result.ok || result.error.kind !== 'compute-ended') return;
  process.stderr.write(`\n${ENDED_BECAUSE}${result.error.message.replace(/\.$/, '')}\n`, () => {
    setImmediate(() => process.exit(1));
  });
}
