import type { MethodId } from '../../shared/methods';
import type { ServerOptions } from '../../shared/protocol';

/** What the user chose. Paths are absolute. */
export interface BatchChoice {
  readonly model: string;
  readonly input: string;
  readonly out: string;
  /** `null` for predictions alone, `undefined` for the method that suits the model. */
  readonly method: MethodId | null | undefined;
}

/** The arguments of the command `batch` behind its name. @param settings file of the settings that pages use for the model */
export function batchArguments(
  { model, input, out, method }: BatchChoice,
  { backend, threads, customLayers }: Pick<ServerOptions, 'backend' | 'threads' | 'customLayers'>,
  settings: string,
): string[] {
  return [
    ...[model, '--input', input, '--out', out, '--resume', '--settings', settings],
    ...(method === undefined ? [] : ['--method', method ?? 'none']),
    ...['--backend', backend, '--threads', String(threads)],
    ...customLayers.flatMap((path) => ['--custom-layers', path]),
  ];
}
