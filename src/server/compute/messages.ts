import { NotificationType, RequestType } from 'vscode-languageserver/node';
import type { Result } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import type { RunParams, ServerOptions } from '../../shared/protocol';
import type { Mark } from '../../shared/timeLine';
import type { OpenModel } from '../session/openModels';

/**
 * Messages between the server and its compute process: JSON-RPC over Node's IPC channel, serialized as structured clones, so
 * that NaN and infinities survive.
 */

/** Identifies a model in both processes; the compute process opens the file itself. */
export interface ComputeModel {
  readonly path: string;
  /** The file must still be the one that the server opened. */
  readonly version: string;
  /** For weights that are shown as a model: the file that describes its layers. */
  readonly architecture: string | null;
}

export const computeModel = ({ path, version, architecture }: OpenModel): ComputeModel => ({
  path,
  version,
  architecture,
});

export interface ComputeRequest {
  /** Identifies this request in its progress reports. */
  readonly run: number;
  /** A method of `runHandlers.ts`. */
  readonly method: string;
  readonly model: ComputeModel;
  /** The second one of a request about two. */
  readonly other: ComputeModel | null;
  readonly params: RunParams;
}

/** The first message: the options of the process. */
export const start = new NotificationType<ServerOptions>('compute/start');
export const request = new RequestType<ComputeRequest, Result<unknown>, void>('compute/request');
export const backend = new RequestType<null, Result<BackendStatus>, void>('compute/backend');
/** The server is opening this file and will probably send a request for it next. */
export const prepare = new NotificationType<{
  readonly path: string;
  readonly architecture: string | undefined;
}>('compute/prepare');
/** The user chooses an input for an open model: a run will follow. */
export const warmUp = new NotificationType<ComputeModel>('compute/warmUp');
/** No client refers to the model any more. */
export const release = new NotificationType<ComputeModel>('compute/release');

/** Sent before a result: the process uses far more memory than it keeps, and should be replaced by a new one. */
export const outgrown = new NotificationType<{ readonly bytes: number }>('compute/outgrown');
export const reached = new NotificationType<Mark>('compute/reached');
export const backendStarted = new NotificationType<BackendStatus>('compute/backendStarted');
