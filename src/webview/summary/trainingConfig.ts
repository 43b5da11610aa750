import * as l10n from '@vscode/l10n';
import { type ModelConfig, trainingFacts } from '../../shared/results/modelConfig';
import { configTree } from '../configTree';
import { el, fill } from '../dom';
import { button } from '../ui';

/** How the model was compiled: optimizer and loss in a line, everything when it is unfolded. Hidden where the file does not say. */
export function trainingSection(copy: (text: string) => void): {
  readonly element: HTMLElement;
  show(training: ModelConfig | null): void;
} {
  const summary = el('summary');
  const tree = el('div');
  let text = '';
  const element = el(
    'details',
    { class: 'training', hidden: true },
    summary,
    button({ label: l10n.t('Copy as JSON'), onPress: () => copy(text) }).element,
    tree,
  );
  return {
    element,
    show(training) {
      const config = training?.config ?? null;
      element.hidden = config === null;
      if (config === null) return;
      const { optimizer, loss } = trainingFacts(config);
      fill(
        summary,
        el('span', {}, l10n.t('Compiled')),
        ...[optimizer, loss === null ? null : l10n.t('loss {0}', loss)].flatMap((part) =>
          part === null ? [] : [el('span', { class: 'quiet' }, ` · ${part}`)],
        ),
      );
      text = `${JSON.stringify(config, null, 2)}\n`;
      fill(tree, configTree(config));
    },
  };
}
