/**
 * The language of the window. Imported first by the extension, so that texts in tables are translated too: VS Code has read the bundle
 * by then.
 */
import * as l10n from '@vscode/l10n';
import { l10n as editor, env } from 'vscode';

if (editor.bundle !== undefined) l10n.config({ contents: editor.bundle });

/** What pages show their texts in. */
export interface PageLanguage {
  /** As in HTML: `de`, `zh-cn`. */
  readonly name: string;
  /** Translations by their English texts; `undefined` where there are none. */
  readonly texts: Readonly<Record<string, string>> | undefined;
}

/** English in a language without translations. */
export const pageLanguage = (): PageLanguage =>
  editor.bundle === undefined
    ? { name: 'en', texts: undefined }
    : { name: env.language, texts: editor.bundle };

/** What tells the server the language in its environment (`server/io/translations.ts`). */
export const languageEnvironment = (): Readonly<Record<string, string>> =>
  editor.uri === undefined ? {} : { LAYERGLASS_TRANSLATIONS: editor.uri.fsPath };
