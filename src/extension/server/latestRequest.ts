import * as l10n from '@vscode/l10n';
import { CancellationTokenSource, type Disposable } from 'vscode';
import type { Result } from '../../shared/errors';
import type { RequestType } from '../../shared/protocol';
import type { Progress } from '../../shared/view';
import type { Client } from './client';

/**
 * The requests of one page, of which only the latest one counts: a new request cancels the previous one, only the latest
 * reports progress, and none outlives the page.
 */
export class LatestRequest implements Disposable {
  private running: CancellationTokenSource | undefined;
  private disposed = false;

  /** @param progress left out for requests that are too short for a progress bar */
  constructor(
    private readonly client: Pick<Client, 'ask'>,
    private readonly progress?: (progress: Progress | null) => void,
  ) {}

  async ask<Params extends object, Value>(
    type: RequestType<Params, Value>,
    params: Params,
  ): Promise<Result<Value>> {
    if (this.disposed)
      return { ok: false, error: { kind: 'cancelled', message: l10n.t('The page was closed.') } };
    this.running?.cancel();
    const source = new CancellationTokenSource();
    this.running = source;
    const { progress } = this;
    const report = (value: Progress | null) => {
      if (this.running === source) progress?.(value);
    };
    try {
      return await this.client.ask(type, params, {
        token: source.token,
        ...(progress === undefined ? {} : { progress: report }),
      });
    } finally {
      if (this.running === source) this.running = undefined;
      source.dispose();
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
