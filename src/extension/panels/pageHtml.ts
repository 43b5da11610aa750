import { contentSecurityPolicy } from './contentSecurityPolicy';

export interface PageSource {
  /** Name of the page's bundles. */
  readonly page: string;
  readonly title: string;
  /** Fresh for each document: only the script with it runs. */
  readonly nonce: string;
  readonly cspSource: string;
  /** Where the webview loads a file of the page from. */
  uriOf(file: string): string;
}

/** The document of a page: its style sheet, its script and nothing else. */
export function pageHtml({ page, title, nonce, cspSource, uriOf }: PageSource): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(cspSource, nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uriOf(`${page}.css`)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<script nonce="${nonce}" src="${uriOf(`${page}.js`)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
