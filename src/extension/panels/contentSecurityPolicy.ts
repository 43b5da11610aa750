/**
 * The content of a page's `Content-Security-Policy` meta element: the extension's own script and styles, and images also as
 * data URLs, as the server sends them. `base-uri` and `form-action` do not fall back to `default-src`.
 * @param source where the page's own files come from, e.g. `webview.cspSource`
 * @param nonce a new one for each document
 */
export function contentSecurityPolicy(source: string, nonce: string): string {
  return [
    `default-src 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `img-src ${source} data: blob:`,
    `font-src ${source}`,
  ].join('; ');
}
