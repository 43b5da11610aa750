import { startBackend } from '../run/backends/backend';
import { timeWork } from '../run/backends/measured/timeWork';
import type { Measured, MeasureOptions } from './measureProcess';

/** Measures one backend, sends its time to the parent process, and ends. A backend that does not work sends nothing. */
export async function measureBackend(options: MeasureOptions): Promise<void> {
  // The parent may be killed.
  process.on('disconnect', () => process.exit());
  try {
    const measured: Measured = { milliseconds: timeWork(await startBackend({ ...options, strict: true })) };
    process.send?.(measured, () => process.exit());
  } catch {
    process.exit(1);
  }
}
