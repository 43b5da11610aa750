import type { LogOutputChannel, Uri } from 'vscode';
import type { Galleries } from './gallery/galleries';
import type { DroppedFiles } from './models/droppedFiles';
import type { Models } from './models/models';
import type { Revisions } from './models/revisions';
import type { H5Web } from './panels/h5web';
import type { Client } from './server/client';
import type { Runs } from './settings/runs';
import type { Settings } from './settings/settings';
import type { TimeLine } from './timeLine';

/** The services that commands and pages share; created once, in `activate`. */
export interface App {
  readonly extensionUri: Uri;
  readonly log: LogOutputChannel;
  readonly client: Client;
  readonly models: Models;
  readonly settings: Settings;
  readonly runs: Runs;
  readonly revisions: Revisions;
  readonly dropped: DroppedFiles;
  /** Whether a kernel of a notebook saved the model at `path`. */
  readonly notebooks: { contains(path: string): boolean };
  readonly galleries: Galleries;
  readonly h5web: H5Web;
  readonly timeLine: TimeLine;
}
