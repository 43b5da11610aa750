import { measuredFile } from '../server/compute/backendMeasurement';
import { memoryLimits } from '../server/session/memoryLimits';
import type { OpenModel } from '../server/session/openModels';
import { Session } from '../server/session/session';
import type { BackendChoice } from './options';

export interface ComputeOptions {
  readonly backend: BackendChoice;
  readonly threads: number;
  readonly customLayers?: readonly string[];
  /** A file of weights in place of the model's own. */
  readonly weights?: string;
  /** Many inputs, each once: of their runs only the last one stays in memory. */
  readonly keepsOneRun?: boolean;
}

/** Provides the session of a command: its own, or one that several commands share. */
export type OpenSession = (options: ComputeOptions) => Session;

/** Opens a model, with the weights of `--weights` where it was given. @throws Failure */
export const openModel = (session: Session, path: string, { weights }: ComputeOptions): Promise<OpenModel> =>
  weights === undefined ? session.open(path) : session.open(weights, path);

/** A backend that is requested by name but not available is an error; `auto` goes by what the server measured, if it did. */
export const newSession: OpenSession = ({ backend, threads, customLayers = [], keepsOneRun = false }) => {
  const limits = memoryLimits();
  return new Session(
    { backend, threads, nativePath: '', strict: true, customLayers, measuredFile: measuredFile() },
    undefined,
    keepsOneRun ? { ...limits, kept: 0 } : limits,
  );
};
