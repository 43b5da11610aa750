/**
 * What a page may load, as the content of a `Content-Security-Policy` meta element: our own script and styles, and images
 * also as data, since the server sends them so. `base-uri` and `form-action` do not fall back to `default-src`.
 * @param source where the page's own files come from, e.g. `webview.cspSource`
 * @param nonce fresh for each document
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
