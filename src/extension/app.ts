import type { LogOutputChannel, Uri } from 'vscode';
import type { Client } from './client';
import type { Models } from './models';
import type { Runs } from './runs';
import type { Settings } from './settings';

/** What every command and page of the extension works with; made once, in `activate`. */
export interface App {
  readonly extensionUri: Uri;
  readonly log: LogOutputChannel;
  readonly client: Client;
  readonly models: Models;
  readonly settings: Settings;
  readonly runs: Runs;
}
