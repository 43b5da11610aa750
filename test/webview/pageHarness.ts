import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import {
  CHECKPOINTS_CALLS,
  COMPARE_CALLS,
  dispatchCall,
  EXPLAIN_CALLS,
  GALLERY_CALLS,
  GRAPH_CALLS,
  HEALTH_CALLS,
  LAYER_CALLS,
  SUMMARY_CALLS,
} from '../../src/extension/panels/pageCalls';
import { pageHtml } from '../../src/extension/panels/pageHtml';
import type { CheckpointsHost } from '../../src/shared/checkpoints/checkpointsView';
import type { CompareHost } from '../../src/shared/compare/compareView';
import type { GalleryHost } from '../../src/shared/gallery/galleryView';
import type { GraphHost } from '../../src/shared/graphView/graphPage';
import type { ExplainHost, HealthHost, LayerHost, SummaryHost } from '../../src/shared/view';
import { packNumbers } from '../../src/shared/wireNumbers';
import { THEMES, type ThemeName } from './themes';

export type PageName =
  | 'checkpoints'
  | 'compare'
  | 'explain'
  | 'gallery'
  | 'graph'
  | 'health'
  | 'layer'
  | 'summary';
interface Hosts {
  readonly checkpoints: CheckpointsHost;
  readonly compare: CompareHost;
  readonly explain: ExplainHost;
  readonly gallery: GalleryHost;
  readonly health: HealthHost;
  readonly layer: LayerHost;
  readonly summary: SummaryHost;
  readonly graph: GraphHost;
}
const CALLS = {
  checkpoints: CHECKPOINTS_CALLS,
  compare: COMPARE_CALLS,
  explain: EXPLAIN_CALLS,
  gallery: GALLERY_CALLS,
  graph: GRAPH_CALLS,
  health: HEALTH_CALLS,
  layer: LAYER_CALLS,
  summary: SUMMARY_CALLS,
};

/** The same function, but the result need not be a promise. */
type MaybeAsync<F> = F extends (...args: infer Args) => Promise<infer Value>
  ? (...args: Args) => Value | Promise<Value>
  : never;
/** The extension's side of a page: the calls that a test allows the page to make, and their results. */
export type FakeHost<Name extends PageName> = {
  readonly [K in keyof Hosts[Name]]?: MaybeAsync<Hosts[Name][K]>;
};

/** Languages that have translations. */
export type Language = 'de' | 'zh-cn';

export interface PageOptions {
  readonly theme?: ThemeName;
  /** Size of the viewport in pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Of the texts; English where it is left out. */
  readonly language?: Language;
}

export interface OpenPage {
  readonly page: Page;
  /** Every call that the page made to its host, in order. */
  readonly calls: { readonly name: string; readonly args: readonly unknown[] }[];
  /** What the host answered, in order. */
  readonly answers: unknown[];
  /** Console errors and exceptions, without the toolkit's one known report about an inline style. */
  readonly errors: string[];
  /** Sends a message from the extension to the page. */
  tell(name: string, ...args: unknown[]): Promise<void>;
  setTheme(theme: ThemeName): Promise<void>;
  close(): Promise<void>;
}

/** Calls that pages make whatever the test is about: a mark for the log, and what may be wrong. */
const ALWAYS_CALLED: readonly string[] = ['painted', 'doctor'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const screenshots = `${root}/test-results/webview`;
const NONCE = 'page-test';

/** An empty document that stays open in the browser, see `ONE_RENDERER`. */
const ANCHOR = 'anchor';
/**
 * All pages of a site run in one process, the one of the anchor: a process of its own for each page costs as much as what a test
 * does there, and the scripts would be compiled each time.
 */
const ONE_RENDERER = '--renderer-process-limit=1';

/** Playwright ends it with the process. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ONE_RENDERER,
    ],
  });

/** Chromium and a server of the built pages, with the content security policy that the extension sets. */
export class PageHarness {
  private static started: Promise<PageHarness> | undefined;

  private constructor(
    private readonly context: BrowserContext,
    private readonly origin: string,
  ) {}

  /** The one harness of this process; Playwright ends the browser with the process. */
  static get(): Promise<PageHarness> {
    PageHarness.started ??= PageHarness.start();
    return PageHarness.started;
  }

  private static async start(): Promise<PageHarness> {
    const files = await bundle();
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').slice(1);
      const file = files.get(path);
      const origin = `http://${request.headers.host}`;
      if (path === ANCHOR) {
        response.writeHead(200, { 'content-type': 'text/html' }).end();
      } else if (path.endsWith('.html')) {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(html(path.slice(0, -'.html'.length), origin));
      } else if (file) {
        response.writeHead(200, { 'content-type': path.endsWith('.css') ? 'text/css' : 'text/javascript' });
        response.end(file);
      } else {
        // Chromium requests an icon on its own; a page must request nothing else.
        response.writeHead(path === 'favicon.ico' ? 204 : 404).end();
      }
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    server.unref();
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The page server has no port.');
    const browser = await launchChromium();
    mkdirSync(screenshots, { recursive: true });
    const origin = `http://127.0.0.1:${address.port}`;
    const context = await browser.newContext();
    await (await context.newPage()).goto(`${origin}/${ANCHOR}`);
    return new PageHarness(context, origin);
  }

  async open<Name extends PageName>(
    name: Name,
    host: FakeHost<Name>,
    options: PageOptions = {},
  ): Promise<OpenPage> {
    const { theme = 'dark', width = 1100, height = 800, language } = options;
    const page = await this.context.newPage();
    await page.setViewportSize({ width, height });
    page.setDefaultTimeout(8000);
    const calls: OpenPage['calls'] = [];
    const answers: unknown[] = [];
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    let toolkitReports = 0;
    page.on('framenavigated', () => {
      toolkitReports = 0;
    });
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      // The toolkit causes one report about an inline style while it registers; a second one would be ours.
      if (message.text().includes('inline style')) toolkitReports += 1;
      if (!message.text().includes('inline style') || toolkitReports > 1) errors.push(message.text());
    });
    await page.exposeFunction('hostCall', async (call: string, args: unknown[]) => {
      if (ALWAYS_CALLED.includes(call) && !Object.hasOwn(host, call)) return 'null';
      calls.push({ name: call, args });
      if (!Object.hasOwn(host, call)) throw new Error(`the page called "${call}"`);
      // Checked and dispatched as in src/extension/panels/page.ts, and sent as JSON, as VS Code does.
      const value: unknown = await dispatchCall<object>(host, CALLS[name], call, args);
      answers.push(value);
      return JSON.stringify(packNumbers(value ?? null));
    });
    await page.addInitScript(installFakeVsCode);
    await page.addInitScript(applyTheme, THEMES[theme]);
    await page.goto(`${this.origin}/${language === undefined ? '' : `${language}/`}${name}.html`);
    return {
      page,
      calls,
      answers,
      errors,
      tell: (tell, ...args) => page.evaluate((message) => window.postMessage(message, '*'), { tell, args }),
      setTheme: async (next) => {
        await page.evaluate(applyTheme, THEMES[next]);
        await page.evaluate(twoFrames);
      },
      close: () => page.close(),
    };
  }
}

/** The toolkit takes over the colours of a theme in the frame after it changed. */
const twoFrames = (): Promise<void> =>
  new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
  });

/** Saves an image of the page for people to look at; no test compares it. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
}

/** The visible text as it is laid out: cells and lines are separated, hidden elements are left out. */
export function visibleText(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: textContent would join neighbouring cells and read hidden ones.
  return locator.innerText();
}

/** The state that VS Code keeps for the page. */
export async function savedState(page: Page): Promise<unknown> {
  return JSON.parse((await page.evaluate(() => sessionStorage.getItem('state'))) ?? 'null');
}

/** By how many pixels the document is wider than its window. */
export function horizontalOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The RGB of one pixel of a canvas. */
export function canvasPixel(page: Page, selector: string, x: number, y: number): Promise<number[]> {
  return page
    .locator(selector)
    .first()
    .evaluate(
      (canvas, at) => {
        if (!(canvas instanceof HTMLCanvasElement)) throw new Error('not a canvas');
        const pixel = canvas.getContext('2d')?.getImageData(at.x, at.y, 1, 1).data;
        return [...(pixel ?? [])].slice(0, 3);
      },
      { x, y },
    );
}

async function bundle(): Promise<Map<string, Uint8Array>> {
  const pages: readonly PageName[] = [
    'checkpoints',
    'compare',
    'explain',
    'gallery',
    'graph',
    'health',
    'layer',
    'summary',
  ];
  const result = await build({
    absWorkingDir: root,
    entryPoints: pages.map((name) => ({ in: `src/webview/${name}/main.ts`, out: name })),
    outdir: 'dist/webview',
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'chrome122',
    logLevel: 'warning',
    tsconfig: 'src/webview/tsconfig.json',
  });
  return new Map(result.outputFiles.map((file) => [file.path.split(/[\\/]/).at(-1) ?? '', file.contents]));
}

/** @param path the name of a page, with its language before it: `de/health` */
const html = (path: string, origin: string): string => {
  const [page = '', language] = path.split('/').reverse();
  return pageHtml({
    page,
    title: page,
    language: { name: language ?? 'en', texts: language === undefined ? undefined : translations(language) },
    nonce: NONCE,
    cspSource: origin,
    uriOf: (file) => `${origin}/${file}`,
  });
};

/** The translations of a language by their English texts. */
export function translations(language: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(`${root}/l10n/bundle.l10n.${language}.json`, 'utf8'));
}

/** Runs in the page: the API that VS Code gives a webview, with a state that survives reloads. */
function installFakeVsCode(): void {
  type Hosted = typeof window & {
    hostCall(call: string, args: unknown[]): Promise<string>;
    acquireVsCodeApi?: () => unknown;
  };
  const hosted = window as Hosted;
  hosted.acquireVsCodeApi = () => ({
    postMessage: async (message: { id: number; call: string; args: unknown[] }) => {
      try {
        const value: unknown = JSON.parse(await hosted.hostCall(message.call, message.args));
        window.postMessage({ reply: message.id, value }, '*');
      } catch (thrown) {
        const error = { kind: 'internal', message: String(thrown) };
        window.postMessage({ reply: message.id, error }, '*');
      }
    },
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
    setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
}

/** Runs in the page: what VS Code does when the theme changes. A page that is still loading gets it before its script runs. */
function applyTheme(theme: (typeof THEMES)[ThemeName]): void {
  const apply = () => {
    document.body.className = theme.bodyClass;
    const { style } = document.documentElement;
    for (const name of [...style]) style.removeProperty(name);
    for (const [name, value] of Object.entries(theme.variables)) style.setProperty(`--vscode-${name}`, value);
  };
  if (document.body) {
    apply();
    return;
  }
  const observer = new MutationObserver(() => {
    if (!document.body) return;
    observer.disconnect();
    apply();
  });
  observer.observe(document, { childList: true, subtree: true });
}
