import { randomBytes } from 'node:crypto';
import { type Disposable, Uri, type Webview } from 'vscode';
import { toError } from '../../shared/errors';
import type { Reply, Tell } from '../../shared/view';
import { packNumbers } from '../../shared/wireNumbers';
import { pageLanguage } from '../language';
import { logFailure } from '../log';
import { type CallSchemas, dispatchCall } from './pageCalls';
import { pageHtml } from './pageHtml';

export type PageName =
  | 'checkpoints'
  | 'compare'
  | 'explain'
  | 'gallery'
  | 'graph'
  | 'health'
  | 'layer'
  | 'summary';

/** The extension's end of the connection to one page. */
export interface PageLink<Page> extends Disposable {
  /** Notifies the page. A hidden page misses it and requests its data again when it is shown. */
  tell<K extends keyof Page & string>(name: K, ...args: Arguments<Page[K]>): void;
}
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;

/**
 * Loads a page into a webview and handles its calls with the methods of `host`. What a method throws is returned as an
 * error value, so that every call ends.
 */
export function openPage<Host extends object, Page>(
  webview: Webview,
  extensionUri: Uri,
  page: PageName,
  title: string,
  host: Host,
  calls: CallSchemas<Host>,
): PageLink<Page> {
  const resources = Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [resources] };
  const listening = webview.onDidReceiveMessage(async (message: unknown) => {
    const call = parseCall(message);
    if (call !== undefined) await webview.postMessage(await answer(host, calls, call));
  });
  webview.html = pageHtml({
    page,
    title,
    language: pageLanguage(),
    nonce: randomBytes(16).toString('base64'),
    cspSource: webview.cspSource,
    uriOf: (file) => webview.asWebviewUri(Uri.joinPath(resources, file)).toString(),
  });
  return {
    tell: (tell, ...args) => void webview.postMessage({ tell, args } as Tell<Page>),
    dispose: () => listening.dispose(),
  };
}

interface ParsedCall {
  readonly id: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

function parseCall(message: unknown): ParsedCall | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  if (!('id' in message) || !('call' in message) || !('args' in message)) return undefined;
  const { id, call, args } = message;
  if (typeof id !== 'number' || typeof call !== 'string' || !Array.isArray(args)) return undefined;
  return { id, call, args };
}

async function answer<Host extends object>(
  host: Host,
  calls: CallSchemas<Host>,
  { id, call, args }: ParsedCall,
): Promise<Reply> {
  try {
    const value: unknown = await dispatchCall(host, calls, call, args);
    return { reply: id, value: packNumbers(value ?? null) };
  } catch (thrown) {
    const error = toError(thrown);
    logFailure(error);
    return { reply: id, error };
  }
}
