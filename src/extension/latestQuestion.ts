import { CancellationTokenSource } from 'vscode';
import type { Result } from '../shared/errors';
import type { RequestType } from '../shared/protocol';
import type { Progress } from '../shared/view';
import type { Client } from './client';

/**
 * Questions of one page, of which only the last one counts: a new question cancels the one before, and only the
 * newest one moves the page's progress bar.
 */
export class LatestQuestion {
  private running: CancellationTokenSource | undefined;

  constructor(
    private readonly client: Client,
    private readonly progress: (progress: Progress | null) => void,
  ) {}

  async ask<Params extends object, Value>(
    type: RequestType<Params, Value>,
    params: Params,
  ): Promise<Result<Value>> {
    this.running?.cancel();
    const mine = new CancellationTokenSource();
    this.running = mine;
    try {
      return await this.client.ask(type, params, {
        token: mine.token,
        progress: (progress) => {
          if (this.running === mine) this.progress(progress);
        },
      });
    } finally {
      if (this.running === mine) this.running = undefined;
      mine.dispose();
    }
  }

  cancel(): void {
    this.running?.cancel();
  }
}
