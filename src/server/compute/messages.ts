import { NotificationType, RequestType } from 'vscode-languageserver/node';
import type { Result } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import type { RunParams, ServerOptions } from '../../shared/protocol';

/**
 * What the server and its compute process say to each other: JSON-RPC over Node's IPC channel, structured clones on the
 * wire, so that numbers which JSON does not know arrive as they are.
 */

/** A model as both processes know it; the compute process opens the file itself. */
export interface ComputeModel {
  readonly path: string;
  /** The file must still be the one that the server opened. */
  readonly version: string;
}

export interface ComputeRequest {
  /** Of this request, in its reports of progress. */
  readonly run: number;
  /** One of `RUN_ANSWERS`. */
  readonly method: string;
  readonly model: ComputeModel;
  readonly params: RunParams;
}

/** The first message: what the process is to be like. */
export const start = new NotificationType<ServerOptions>('compute/start');
export const answer = new RequestType<ComputeRequest, Result<unknown>, void>('compute/answer');
export const backend = new RequestType<null, Result<BackendStatus>, void>('compute/backend');
/** The server is opening this file, and will probably ask about it next. */
export const prepare = new NotificationType<{ readonly path: string }>('compute/prepare');
/** Nobody refers to the model any more. */
export const release = new NotificationType<ComputeModel>('compute/release');

/** Sent before an answer: the process has grown far above what it keeps, and should be replaced by a new one. */
export const outgrown = new NotificationType<{ readonly bytes: number }>('compute/outgrown');
export const backendStarted = new NotificationType<BackendStatus>('compute/backendStarted');
