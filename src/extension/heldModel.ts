import type { Disposable } from 'vscode';
import type { Result } from '../shared/errors';
import type { OpenedModel } from '../shared/protocol';
import type { Lease, Models } from './models';

/** A page's hold on its model: taken with the first question, given back with the page. */
export class HeldModel implements Disposable {
  private lease: Lease | undefined;

  constructor(
    private readonly models: Models,
    private readonly path: string,
  ) {}

  async get(): Promise<Result<OpenedModel>> {
    if (this.lease === undefined) {
      const lease = await this.models.acquire(this.path);
      if (!lease.ok) return lease;
      // Two questions may have asked for the model at once; one hold is enough.
      if (this.lease === undefined) this.lease = lease.value;
      else lease.value.dispose();
    }
    return this.lease.model();
  }

  dispose(): void {
    this.lease?.dispose();
  }
}
