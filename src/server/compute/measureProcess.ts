import { type ChildProcess, fork } from 'node:child_process';
import type { ServerOptions } from '../../shared/protocol';
import type { MeasuredBackend } from '../run/backends/measured/rememberedOrder';

/** Argument of a process that measures one backend, followed by its `MeasureOptions` as JSON. */
export const MEASURE = '--measure';

export interface MeasureOptions extends Pick<ServerOptions, 'nativePath' | 'threads'> {
  readonly backend: MeasuredBackend;
}

/** The one message of such a process. */
export interface Measured {
  readonly milliseconds: number;
}

/** @param script the server's file, which knows the argument */
export const forkMeasure = (script: string, options: MeasureOptions): ChildProcess =>
  fork(script, [MEASURE, JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
