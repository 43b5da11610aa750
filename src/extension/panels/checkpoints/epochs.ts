import type { Disposable } from 'vscode';
import type { ErrorKind, Result } from '../../../shared/errors';
import * as protocol from '../../../shared/protocol';
import type { CheckpointFile, EpochReport } from '../../../shared/results/checkpoints';
import type { Progress } from '../../../shared/view';
import type { Client } from '../../server/client';
import { LatestRequest } from '../../server/latestRequest';

/** Reports that are kept for a page that was hidden, or goes back to what it showed before. */
const MAX_KEPT = 300;

/** Failures of the weights of a file that opens. */
const UNREADABLE: readonly ErrorKind[] = ['truncated', 'bad-weights', 'no-weights', 'missing-shard'];

/** All that a report depends on besides the file. */
export type EpochQuestion = Omit<protocol.EpochParams, 'modelId' | 'insist' | 'workDoneToken'>;

/** Computes epochs, one at a time: each model is closed before the next one is opened, but for the one that its weights are compared with. */
export class Epochs implements Disposable {
  private readonly kept = new Map<string, EpochReport>();
  private readonly request: LatestRequest;
  /** Files that could not be read, by path and time. */
  private readonly broken = new Set<string>();

  constructor(
    private readonly client: Pick<Client, 'ask'>,
    progress: (progress: Progress | null) => void,
  ) {
    this.request = new LatestRequest(client, progress);
  }

  /**
   * @param earlier the epochs before it, the nearest first
   * @param architecture for files of weights: the model that they are of
   */
  async report(
    file: CheckpointFile,
    earlier: readonly CheckpointFile[],
    question: EpochQuestion,
    more: { readonly architecture: string | undefined; readonly insist: boolean },
  ): Promise<Result<EpochReport>> {
    const { architecture, insist } = more;
    const before = earlier.find((one) => !this.broken.has(versionOf(one)));
    const key = JSON.stringify([versionOf(file), before && versionOf(before), architecture, question]);
    const known = this.kept.get(key);
    if (known !== undefined) return { ok: true, value: known };
    const opened = await this.open(file, architecture);
    if (!opened.ok) return opened;
    const modelId = opened.value;
    const computed = await this.request.ask(protocol.epoch, { ...question, modelId, insist });
    const report = computed.ok
      ? await this.withChanges(computed.value, modelId, earlier, { ...more, question })
      : computed;
    await this.client.ask(protocol.closeModel, { modelId, atOnce: true });
    if (report.ok) this.keep(key, report.value);
    else if (UNREADABLE.includes(report.error.kind)) this.broken.add(versionOf(file));
    return report;
  }

  /** With how far the weights have moved since the nearest epoch before it that can be opened. */
  private async withChanges(
    report: EpochReport,
    modelId: string,
    earlier: readonly CheckpointFile[],
    {
      architecture,
      question,
    }: { readonly architecture: string | undefined; readonly question: EpochQuestion },
  ): Promise<Result<EpochReport>> {
    for (const file of earlier) {
      const opened = this.broken.has(versionOf(file)) ? null : await this.open(file, architecture);
      if (opened === null || !opened.ok) continue;
      const { inputs, preprocessing } = question;
      const params = { modelId, otherModelId: opened.value, inputs, preprocessing };
      const changes = await this.request.ask(protocol.weightChanges, params);
      await this.client.ask(protocol.closeModel, { modelId: opened.value, atOnce: true });
      if (changes.ok) return { ok: true, value: { ...report, changes: changes.value } };
      // The report stays without them where they cannot be read.
      return changes.error.kind === 'cancelled' ? changes : { ok: true, value: report };
    }
    return { ok: true, value: report };
  }

  /** @returns the id of the model */
  private async open(file: CheckpointFile, architecture: string | undefined): Promise<Result<string>> {
    const opened = await this.client.ask(protocol.openModel, {
      path: file.path,
      ...(architecture === undefined ? {} : { architecture }),
    });
    if (opened.ok) return { ok: true, value: opened.value.modelId };
    if (opened.error.kind !== 'server-ended') this.broken.add(versionOf(file));
    return opened;
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

const versionOf = ({ path, modified }: CheckpointFile): string => JSON.stringify([path, modified]);
