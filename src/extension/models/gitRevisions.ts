import { extname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, type Event, extensions, type Uri } from 'vscode';
import { fail } from '../../shared/errors';
import { looksLikeModel } from './modelFiles';

/** The parts of the API of VS Code's built-in Git extension that are used here (extensions/git/src/api/git.d.ts, version 1). */
interface GitApi {
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: Event<Repository>;
  getRepository(uri: Uri): Repository | null;
  toGitUri(uri: Uri, ref: string): Uri;
}
interface Repository {
  readonly state: {
    readonly workingTreeChanges: readonly { readonly uri: Uri }[];
    readonly indexChanges: readonly { readonly uri: Uri }[];
    readonly onDidChange: Event<void>;
  };
  log(options: { readonly path: string; readonly maxEntries: number }): Promise<readonly Commit[]>;
}
interface Commit {
  readonly hash: string;
  readonly message: string;
  readonly authorDate?: Date;
}

/** A commit that changed a file. */
export interface FileRevision {
  readonly hash: string;
  /** First line of its message. */
  readonly title: string;
  readonly date: Date | undefined;
}

/** Commits of a file that are offered. */
const MAX_REVISIONS = 200;
/** The groups of Source Control with a changed model, which have the entry; `when` clauses there know no file names. */
const CHANGED = 'layerglass.changedModelGroups';
const GROUPS = { workingTree: 'workingTreeChanges', index: 'indexChanges' } as const;

/** @throws Failure `not-applicable` where Git is disabled or missing */
async function gitApi(): Promise<GitApi> {
  const extension = extensions.getExtension<{ readonly enabled: boolean; getAPI(version: 1): GitApi }>(
    'vscode.git',
  );
  const git = await extension?.activate();
  if (git?.enabled === true) return git.getAPI(1);
  return fail('not-applicable', l10n.t('Git is not available in this window.'), {
    remedy: l10n.t('Install Git, or enable it with the setting git.enabled.'),
  });
}

/** The commits that changed a file, the newest first. @throws Failure `not-applicable` for a file outside of repositories */
export async function revisionsOf(uri: Uri): Promise<readonly FileRevision[]> {
  const repository = (await gitApi()).getRepository(uri);
  if (repository === null) return failNoRevisions(uri);
  const commits = await repository.log({ path: uri.fsPath, maxEntries: MAX_REVISIONS });
  if (commits.length === 0) return failNoRevisions(uri);
  return commits.map(({ hash, message, authorDate }) => ({
    hash,
    title: message.split('\n')[0] ?? '',
    date: authorDate,
  }));
}

function failNoRevisions(uri: Uri): never {
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  return fail('not-applicable', l10n.t('Git has no revision of {0}.', name), {
    remedy: l10n.t('Commit the file first, or compare it with another file.'),
    subject: uri.fsPath,
  });
}

/** What a file was in a commit. @throws Failure `not-applicable` */
export const revisionUri = async (uri: Uri, ref: string): Promise<Uri> => (await gitApi()).toGitUri(uri, ref);

/** Follows which groups of Source Control have a model with changes that are not committed. */
export function followChangedModels(): Disposable {
  const subscriptions: Disposable[] = [];
  let shown = '';
  const follow = async () => {
    const git = await gitApi();
    const update = () => {
      const groups = Object.entries(GROUPS)
        .filter(([, changes]) =>
          git.repositories.some(({ state }) => state[changes].some(({ uri }) => isModel(uri))),
        )
        .map(([group]) => group);
      if (groups.join() !== shown) void commands.executeCommand('setContext', CHANGED, groups);
      shown = groups.join();
    };
    const watch = ({ state }: Repository) => {
      subscriptions.push(state.onDidChange(update));
      update();
    };
    subscriptions.push(git.onDidOpenRepository(watch));
    for (const repository of git.repositories) watch(repository);
  };
  // Without Git there is no Source Control that could show an entry.
  follow().catch(() => undefined);
  return { dispose: () => subscriptions.forEach((one) => void one.dispose()) };
}

export const isModel = ({ path }: Uri): boolean =>
  extname(path) !== '' && looksLikeModel(path.slice(path.lastIndexOf('/') + 1));
