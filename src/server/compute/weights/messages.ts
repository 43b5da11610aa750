import { NotificationType, ProgressType, RequestType } from 'vscode-languageserver/node';
import type { Result } from '../../../shared/errors';
import type { ComputeModel } from '../messages';

/** Messages between the server and its thread for weights: JSON-RPC over the thread's port, serialized as structured clones. */

export interface WeightsRequest {
  /** Identifies this request in its progress reports. */
  readonly run: number;
  /** A method of `WEIGHT_HANDLERS`. */
  readonly method: string;
  readonly model: ComputeModel;
  readonly params: object;
}

export const request = new RequestType<WeightsRequest, Result<unknown>, void>('weights/request');
/** Sent with the `run` of a request as its token. */
export const progress = new ProgressType<{ readonly fraction: number; readonly message: string }>();
/** No client refers to the model any more. */
export const release = new NotificationType<ComputeModel>('weights/release');
