/** The language of a page. Imported first by each `main.ts`, so that texts in tables are translated too. */
import * as l10n from '@vscode/l10n';

// As the extension put them into the document (extension/panels/pageHtml.ts); nothing for English.
const texts = document.getElementById('translations')?.textContent;
if (texts) l10n.config({ contents: texts });
