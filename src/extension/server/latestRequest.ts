import { CancellationTokenSource, type Disposable } from 'vscode';
import type { Result } from '../../shared/errors';
import type { RequestType } from '../../shared/protocol';
import type { Progress } from '../../shared/view';
import type { Client } from './client';

/**
 * Questions of one page, of which only the last one counts: a new question cancels the one before, only the newest one
 * moves the page's progress bar, and none outlives the page.
 */
export class LatestRequest implements Disposable {
  private running: CancellationTokenSource | undefined;
  private disposed = false;

  /** @param progress left out for questions that are over too soon for a bar */
  constructor(
    private readonly client: Pick<Client, 'ask'>,
    private readonly progress?: (progress: Progress | null) => void,
  ) {}

  async ask<Params extends object, Value>(
    type: RequestType<Params, Value>,
    params: Params,
  ): Promise<Result<Value>> {
    if (this.disposed) return { ok: false, error: { kind: 'cancelled', message: 'The page was closed.' } };
    this.running?.cancel();
    const mine = new CancellationTokenSource();
    this.running = mine;
    const { progress } = this;
    const passOn = (value: Progress | null) => {
      if (this.running === mine) progress?.(value);
    };
    try {
      return await this.client.ask(type, params, {
        token: mine.token,
        ...(progress === undefined ? {} : { progress: passOn }),
      });
    } finally {
      if (this.running === mine) this.running = undefined;
      mine.dispose();
    }
  }

  cancel(): void {
    this.running?.cancel();
  }

  dispose(): void {
    this.disposed = true;
    this.cancel();
  }
}
