import * as l10n from '@vscode/l10n';
import {
  type Disposable,
  type LanguageStatusItem,
  LanguageStatusSeverity,
  languages,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
} from 'vscode';
import { plain } from '../../shared/text';
import type { Client, ServerState } from '../server/client';
import { Markdown } from '../ui';

/** Languages of code that may name layers. */
const LANGUAGES = ['python', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact'];

/**
 * Shows which backend is used and why, with commands to show the log and restart the server: as a language status in code,
 * and in the status bar, because VS Code shows no language status for webviews and custom editors.
 */
export class Status implements Disposable {
  private readonly backend: LanguageStatusItem;
  private readonly server: LanguageStatusItem;
  private readonly bar: StatusBarItem;
  private readonly listening: Disposable;

  constructor(client: Client) {
    const selector = [...LANGUAGES.map((language) => ({ language })), { pattern: '**/model*.json' }];
    this.backend = languages.createLanguageStatusItem('layerglass.backend', selector);
    this.backend.name = l10n.t('Layerglass Backend');
    this.backend.command = { title: l10n.t('Show Log'), command: 'layerglass.showLog' };
    this.server = languages.createLanguageStatusItem('layerglass.server', selector);
    this.server.name = l10n.t('Layerglass Server');
    this.server.command = { title: l10n.t('Restart'), command: 'layerglass.restartServer' };
    this.bar = window.createStatusBarItem('layerglass.status', StatusBarAlignment.Right, 0);
    this.bar.name = 'Layerglass';
    this.bar.command = 'layerglass.showLog';
    this.listening = client.onStateChanged((state) => this.show(state));
    this.show(client.state);
  }

  dispose(): void {
    this.listening.dispose();
    this.backend.dispose();
    this.server.dispose();
    this.bar.dispose();
  }

  private show(state: ServerState): void {
    const { backend, why, server } = describe(state);
    const down = state.kind === 'down';
    this.backend.text = `Layerglass: ${backend}`;
    this.backend.detail = plain(why);
    this.server.text = l10n.t('Layerglass server: {0}', server);
    this.server.severity = down ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
    this.server.busy = state.kind === 'starting';
    this.bar.text = `${down ? '$(error)' : '$(layers)'} Layerglass: ${down ? server : backend}`;
    this.bar.backgroundColor = down ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    this.bar.tooltip = new Markdown(['layerglass.showLog', 'layerglass.restartServer'])
      .text(why)
      .markup(`\n\n[${l10n.t('Show Log')}](command:layerglass.showLog)`)
      .markup(` · [${l10n.t('Restart Server')}](command:layerglass.restartServer)`).value;
    // Hidden until a model is opened.
    if (state.kind === 'idle') this.bar.hide();
    else this.bar.show();
  }
}

function describe(state: ServerState): { backend: string; why: string; server: string } {
  switch (state.kind) {
    case 'idle':
      return {
        backend: l10n.t('not started'),
        why: l10n.t('The server starts when a model is opened.'),
        server: l10n.t('not started'),
      };
    case 'starting':
      return {
        backend: l10n.t('starting'),
        why: l10n.t('The analysis server is starting.'),
        server: l10n.t('starting'),
      };
    case 'down': {
      const { message, remedy } = state.error;
      return {
        backend: l10n.t('none'),
        why: remedy === undefined ? message : `${message} ${remedy}`,
        server: l10n.t('stopped'),
      };
    }
    case 'running': {
      if (state.backend !== null) {
        const { name, version, reason } = state.backend;
        return { backend: name, why: `${name} ${version}: ${reason}`, server: l10n.t('running') };
      }
      const why = l10n.t('The backend is chosen when values are computed for the first time.');
      return { backend: l10n.t('ready'), why, server: l10n.t('running') };
    }
  }
}
