import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ServerOptions } from '../../shared/protocol';
import { measurementKey } from '../run/backends/measured/measurementKey';
import {
  type BackendTimes,
  canRemember,
  MEASURED_BACKENDS,
  type MeasuredBackend,
  rememberedOrder,
  rememberTimes,
} from '../run/backends/measured/rememberedOrder';
import type { Measured, MeasureOptions } from './measureProcess';

/** Nothing was computed for this time. */
const IDLE_MS = 10_000;
/** A backend that is not measured by then counts as one that does not start. */
const LIMIT_MS = 60_000;

export interface MeasurementHost {
  /** Starts a process that sends a `Measured` and ends. */
  start(options: MeasureOptions): ChildProcess;
  log(text: string): void;
}

/** What the compute process and the command line go by: beside the bundles, and deleted with them. */
export const measuredFile = (): string => join(__dirname, 'backends.json');

/**
 * Measures once, for `auto`, which backend is the fastest on this machine, and remembers it for later starts. Each is measured in a
 * process of its own, because they cannot be started side by side in one, while nothing else is computed.
 */
export class BackendMeasurement {
  private idle: NodeJS.Timeout | undefined;
  private child: ChildProcess | null = null;
  private isDone: boolean;

  constructor(
    private readonly host: MeasurementHost,
    private readonly options: Pick<ServerOptions, 'backend' | 'nativePath' | 'threads'>,
    private readonly file = measuredFile(),
    private readonly idleMs = IDLE_MS,
  ) {
    this.isDone = options.backend !== 'auto';
  }

  /** Something is computed now: a measurement would disturb it and be wrong itself. */
  pause(): void {
    clearTimeout(this.idle);
    this.idle = undefined;
    this.child?.kill('SIGKILL');
    this.child = null;
  }

  /** Nothing is computed now. */
  resume(): void {
    this.pause();
    if (this.isDone) return;
    const timer = setTimeout(() => void this.measure(timer), this.idleMs).unref();
    this.idle = timer;
  }

  dispose(): void {
    this.pause();
    this.isDone = true;
  }

  /** @param turn what `idle` is until something is computed */
  private async measure(turn: NodeJS.Timeout): Promise<void> {
    const key = measurementKey(this.options);
    if (rememberedOrder(this.file, key) || !canRemember(this.file)) {
      this.isDone = true;
      return;
    }
    const times: Partial<Record<MeasuredBackend, number>> = {};
    for (const backend of MEASURED_BACKENDS) {
      const milliseconds = await this.timeOf(backend);
      if (this.idle !== turn) return;
      if (milliseconds !== null) times[backend] = milliseconds;
    }
    this.isDone = true;
    this.remember(key, times);
  }

  private remember(key: string, times: BackendTimes): void {
    const list = Object.entries(times).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`);
    try {
      rememberTimes(this.file, key, times);
      this.host.log(
        `Backends on this machine: ${list.join(', ') || 'none starts'}. Later starts use the fastest.`,
      );
    } catch (thrown) {
      this.host.log(`The times of the backends were not kept: ${String(thrown)}`);
    }
  }

  /** `null` for a backend that is not there or does not work. */
  private timeOf(backend: MeasuredBackend): Promise<number | null> {
    const { nativePath, threads } = this.options;
    const child = this.host.start({ backend, nativePath, threads });
    this.child = child;
    return new Promise((resolve) => {
      const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      let milliseconds: number | null = null;
      const end = () => {
        clearTimeout(limit);
        resolve(milliseconds);
      };
      child.once('message', (message: Measured) => {
        milliseconds = message.milliseconds;
      });
      child.once('error', end).once('exit', end);
    });
  }
}
