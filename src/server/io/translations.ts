/**
 * The language of the server and of its other processes. Imported first by each of their bundles, so that texts in tables are translated
 * too. The extension names the file of translations in the environment, which child processes and threads inherit; without it, as on the
 * command line, texts are English.
 */
import * as l10n from '@vscode/l10n';

const file = process.env.LAYERGLASS_TRANSLATIONS;
if (file) l10n.config({ fsPath: file });
