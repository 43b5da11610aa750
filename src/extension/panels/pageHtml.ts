import type { PageLanguage } from '../language';
import { contentSecurityPolicy } from './contentSecurityPolicy';

export interface PageSource {
  /** Name of the page's bundles. */
  readonly page: string;
  readonly title: string;
  readonly language: PageLanguage;
  /** Fresh for each document: only the script with it runs. */
  readonly nonce: string;
  readonly cspSource: string;
  /** Where the webview loads a file of the page from. */
  uriOf(file: string): string;
}

/** The document of a page: its style sheet, its texts in the user's language, its script and nothing else. */
export function pageHtml({ page, title, language, nonce, cspSource, uriOf }: PageSource): string {
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language.name)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(cspSource, nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uriOf(`${page}.css`)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
${translations(language)}<script nonce="${nonce}" src="${uriOf(`${page}.js`)}"></script>
</body>
</html>`;
}

/** Data, which no policy has to allow; a `<` could end the element. */
const translations = ({ texts }: PageLanguage): string =>
  texts === undefined
    ? ''
    : `<script type="application/json" id="translations">${JSON.stringify(texts).replaceAll('<', '\\u003c')}</script>\n`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
