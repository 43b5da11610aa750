import type { Disposable } from 'vscode';
import type { Result } from '../../../shared/errors';
import * as protocol from '../../../shared/protocol';
import type { CheckpointFile, EpochReport } from '../../../shared/results/checkpoints';
import type { Progress } from '../../../shared/view';
import type { Client } from '../../server/client';
import { LatestRequest } from '../../server/latestRequest';

/** Reports that are kept for a page that was hidden, or goes back to what it showed before. */
const MAX_KEPT = 300;

/** All that a report depends on besides the file. */
export type EpochQuestion = Omit<protocol.EpochParams, 'modelId' | 'insist' | 'workDoneToken'>;

/** Computes epochs, one at a time: each model is closed before the next one is opened. */
export class Epochs implements Disposable {
  private readonly kept = new Map<string, EpochReport>();
  private readonly request: LatestRequest;

  constructor(
    private readonly client: Pick<Client, 'ask'>,
    progress: (progress: Progress | null) => void,
  ) {
    this.request = new LatestRequest(client, progress);
  }

  /** @param architecture for files of weights: the model that they are of */
  async report(
    { path, modified }: CheckpointFile,
    question: EpochQuestion,
    more: { readonly architecture: string | undefined; readonly insist: boolean },
  ): Promise<Result<EpochReport>> {
    const { architecture, insist } = more;
    const key = JSON.stringify([path, modified, architecture, question]);
    const known = this.kept.get(key);
    if (known !== undefined) return { ok: true, value: known };
    const opened = await this.client.ask(protocol.openModel, {
      path,
      ...(architecture === undefined ? {} : { architecture }),
    });
    if (!opened.ok) return opened;
    const { modelId } = opened.value;
    const report = await this.request.ask(protocol.epoch, { ...question, modelId, insist });
    await this.client.ask(protocol.closeModel, { modelId, atOnce: true });
    if (report.ok) this.keep(key, report.value);
    return report;
  }

  cancel(): void {
    this.request.cancel();
  }

  dispose(): void {
    this.request.dispose();
  }

  private keep(key: string, report: EpochReport): void {
    this.kept.set(key, report);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
