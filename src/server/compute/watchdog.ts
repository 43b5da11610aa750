/** A run that reports nothing for so long is asked about; then after twice the time, and so on. */
export const SILENCE_MS = 20_000;

/** Asks whether to go on with a run from which nothing has been heard for a while. */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private silence = SILENCE_MS;
  private since = Date.now();
  private doing = 'Starting';
  private over = false;
  private stop: () => void = () => {};
  /** Settled when the user wants the run stopped. */
  readonly stopped = new Promise<void>((resolve) => {
    this.stop = resolve;
  });

  constructor(private readonly ask: (doing: string, seconds: number) => Promise<'stop' | 'wait' | null>) {
    this.wait();
  }

  heard(doing: string): void {
    this.doing = doing;
    this.since = Date.now();
    this.silence = SILENCE_MS;
    this.wait();
  }

  dispose(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.question(), this.silence).unref();
  }

  private async question(): Promise<void> {
    const asked = this.since;
    const answer = await this.ask(this.doing, Math.round((Date.now() - this.since) / 1000));
    // It may have gone on or ended while the question was on the screen.
    if (this.over || this.since !== asked) return;
    if (answer === 'stop') return this.stop();
    this.silence *= 2;
    this.wait();
  }
}
