import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Disposable } from 'vscode';
import type { LayerglassError, Result } from '../../shared/errors';
import type { OpenedModel } from '../../shared/protocol';
import { Lifetime } from '../lifetime';
import type { Lease, Models } from './models';

/** A page's lease on its model: acquired with the first request, released with the page. */
export class ModelLease implements Disposable {
  private readonly lifetime = new Lifetime();
  /** Pending or acquired; concurrent requests share one lease. */
  private lease: Promise<Result<Lease>> | undefined;

  constructor(
    private readonly models: Pick<Models, 'acquire'>,
    private readonly path: string,
  ) {}

  async get(): Promise<Result<OpenedModel>> {
    if (this.lifetime.ended) return { ok: false, error: closedError(this.path) };
    this.lease ??= this.acquire();
    const lease = await this.lease;
    if (!lease.ok) return lease;
    if (this.lifetime.ended) return { ok: false, error: closedError(this.path) };
    return lease.value.model();
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private async acquire(): Promise<Result<Lease>> {
    const acquired = await this.models.acquire(this.path);
    if (acquired.ok) this.lifetime.own(acquired.value);
    else this.lease = undefined;
    return acquired;
  }
}

/** Never shown: the page is gone. */
const closedError = (path: string): LayerglassError => ({
  kind: 'cancelled',
  message: l10n.t('The page that showed {0} was closed.', basename(path)),
});
