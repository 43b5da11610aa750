import { Session } from '../server/session/session';
import type { BackendChoice } from './options';

export interface ComputeOptions {
  readonly backend: BackendChoice;
  readonly customLayers?: readonly string[];
}

/** Hands out the session that a command works in: one of its own, or one that several commands share. */
export type OpenSession = (options: ComputeOptions) => Session;

/** A backend that was asked for by name and is not there is an error. */
export const newSession: OpenSession = ({ backend, customLayers = [] }) =>
  new Session({ backend, nativePath: '', strict: true, customLayers });
