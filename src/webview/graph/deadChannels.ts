import * as l10n from '@vscode/l10n';
import type { LayerglassError } from '../../shared/errors';
import type { DeadChannels, GraphHost, Progress } from '../../shared/view';
import { inputField } from '../inputField';
import { progressBar } from '../progressBar';
import type { HostClient } from '../rpc';

/** Asks for the dead channels of the layers, which need an input and a run, and shows of which input they are. */
export function deadChannelsView(
  host: HostClient<GraphHost>,
  { onFound, onError }: { onFound(dead: DeadChannels | null): void; onError(error: LayerglassError): void },
): {
  readonly field: HTMLElement;
  readonly bar: HTMLElement;
  progress(progress: Progress | null): void;
  ask(): Promise<void>;
  /** Something else is shown. */
  hide(): void;
} {
  const input = inputField(() => void pickInput());
  const bar = progressBar(() => void host.call('cancel'));
  let sequence = 0;
  let isAsking = false;
  const endless: Progress = { fraction: null, message: l10n.t('Looking for dead channels') };

  async function pickInput(): Promise<void> {
    const answer = await host.call('pickInput');
    if (!answer.ok) onError(answer.error);
  }

  const show = (isShown: boolean): void => {
    input.element.hidden = !isShown;
    bar.element.hidden = !isShown;
  };

  input.show([]);
  show(false);
  return {
    field: input.element,
    bar: bar.element,
    progress(progress) {
      if (isAsking) bar.show(progress ?? endless);
    },
    async ask() {
      show(true);
      const mine = ++sequence;
      isAsking = true;
      bar.show(endless);
      const answer = await host.call('deadChannels');
      if (mine !== sequence) return;
      isAsking = false;
      bar.show(null);
      if (!answer.ok) return onError(answer.error);
      input.show(answer.value?.inputNames ?? []);
      onFound(answer.value);
    },
    hide() {
      show(false);
      sequence++;
      if (isAsking) void host.call('cancel');
      isAsking = false;
      bar.show(null);
    },
  };
}
