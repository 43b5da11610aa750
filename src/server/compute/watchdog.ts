/** The user is asked about a run after this time without progress; then after twice the time, and so on. */
export const FIRST_PROMPT_MS = 20_000;

/** Asks whether to stop a run that has reported no progress for a while. */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private timeout = FIRST_PROMPT_MS;
  private lastProgress = Date.now();
  private step = 'Starting';
  private isDisposed = false;
  private stop: () => void = () => {};
  /** Resolves when the user chooses to stop the run. */
  readonly stopped = new Promise<void>((resolve) => {
    this.stop = resolve;
  });

  constructor(private readonly ask: (doing: string, seconds: number) => Promise<'stop' | 'wait' | null>) {
    this.schedule();
  }

  progress(doing: string): void {
    this.step = doing;
    this.lastProgress = Date.now();
    this.timeout = FIRST_PROMPT_MS;
    this.schedule();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.prompt(), this.timeout).unref();
  }

  private async prompt(): Promise<void> {
    const asked = this.lastProgress;
    const seconds = Math.round((Date.now() - this.lastProgress) / 1000);
    // A client need not know the request: then it is as if the user did not answer.
    const answer = await this.ask(this.step, seconds).catch(() => null);
    // The run may have made progress or ended while the prompt was shown.
    if (this.isDisposed || this.lastProgress !== asked) return;
    if (answer === 'stop') return this.stop();
    this.timeout *= 2;
    this.schedule();
  }
}
