import type { LayerglassError, Result } from '../../shared/errors';
import type { GraphHost } from '../../shared/graphView/graphPage';
import type { Progress } from '../../shared/view';
import { inputField } from '../inputField';
import { progressBar } from '../progressBar';
import type { HostClient } from '../rpc';
import { COLOURING_MESSAGES, type OfRun, type RunColouring } from './amounts';

/** Asks for what the boxes are coloured by where that needs an input and a run, and shows of which input it is. */
export function ofRunView(
  host: HostClient<GraphHost>,
  { onFound, onError }: { onFound(found: OfRun): void; onError(error: LayerglassError): void },
): {
  readonly field: HTMLElement;
  readonly bar: HTMLElement;
  progress(progress: Progress | null): void;
  ask(by: RunColouring): Promise<void>;
  /** Something else is shown. */
  hide(): void;
} {
  const input = inputField(() => void pickInput());
  const bar = progressBar(() => void host.call('cancel'));
  let sequence = 0;
  let asking: RunColouring | null = null;

  async function pickInput(): Promise<void> {
    const answer = await host.call('pickInput');
    if (!answer.ok) onError(answer.error);
  }

  const show = (isShown: boolean): void => {
    input.element.hidden = !isShown;
    bar.element.hidden = !isShown;
  };

  async function request(by: RunColouring): Promise<Result<OfRun>> {
    if (by === 'dead') {
      const dead = await host.call('deadChannels');
      return dead.ok ? { ok: true, value: { by, value: dead.value } } : dead;
    }
    const gradients = await host.call('gradients');
    return gradients.ok ? { ok: true, value: { by, value: gradients.value } } : gradients;
  }

  input.show([]);
  show(false);
  return {
    field: input.element,
    bar: bar.element,
    progress(progress) {
      if (asking !== null) bar.show(progress ?? { fraction: null, message: COLOURING_MESSAGES[asking] });
    },
    async ask(by) {
      show(true);
      const mine = ++sequence;
      asking = by;
      bar.show({ fraction: null, message: COLOURING_MESSAGES[by] });
      const answer = await request(by);
      if (mine !== sequence) return;
      asking = null;
      bar.show(null);
      if (!answer.ok) return onError(answer.error);
      input.show(answer.value.value?.inputNames ?? []);
      onFound(answer.value);
    },
    hide() {
      show(false);
      sequence++;
      if (asking !== null) void host.call('cancel');
      asking = null;
      bar.show(null);
    },
  };
}
