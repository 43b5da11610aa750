import { basename } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { below, mulberry32, shuffled } from '../../../src/shared/random';
import type { VsCode } from '../harness';

/** What a person can click on a page, in the order of the page. */
const CONTROLS = [
  'button:not([disabled])',
  'vscode-button:not([disabled])',
  '[role=tab]',
  '[role=combobox]',
  'tr[tabindex]',
  'summary',
  'input',
  'canvas',
  '.stage',
  '.twistie',
].join(', ');

const KEYS = [
  ...['Tab', 'Shift+Tab', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Enter', 'Space', 'Escape'],
  ...['Home', 'End', 'PageDown', 'PageUp', '+', '-', '0', 'n', 'p', '5'],
];

/** The models that are walked through, each with an input, and the layers whose pages are opened. */
const MODELS = [
  { model: '4-cat-or-dog/cat-or-dog.keras', input: 'cat.png' },
  { model: '5-sigmoid/scores.keras', input: 'malignant.npy' },
  { model: '1-sequence/motif.keras', input: 'with-motif.fasta' },
] as const;

const COMMANDS = {
  explain: 'Layerglass: Explain Prediction',
  health: 'Layerglass: Show Model Health',
  graph: 'Layerglass: Show Graph',
} as const;

const CLICK_LIMIT_MS = 700;
/** Until a page that was just opened has something to click. */
const LOAD_LIMIT_MS = 700;
const OPEN_LIMIT_MS = 40_000;
/** Until what opens a page is done again. */
const AGAIN_MS = 5_000;
/** More pages than this are not kept open at once. */
const MAX_PAGES = 5;

type Act = (walker: Walker) => Promise<string>;

/** What a step may be; an entry that stands there twice is twice as likely. */
const ACTS: readonly Act[] = [
  ...Array<Act>(8).fill((walker) => walker.click()),
  ...Array<Act>(5).fill((walker) => walker.press()),
  ...Array<Act>(3).fill((walker) => walker.choose()),
  ...Array<Act>(2).fill((walker) => walker.clickTree()),
  (walker) => walker.showTab(),
  (walker) => walker.openPage(),
  (walker) => walker.closePage(),
];

/** A person who clicks and types at random: the same seed makes the same choices among what there is. */
export class Walker {
  private readonly random: () => number;
  private readonly draw: (limit: number) => number;
  private readonly page: Page;

  constructor(
    private readonly vscode: VsCode,
    seed: number,
  ) {
    this.random = mulberry32(seed);
    this.draw = below(this.random);
    this.page = vscode.page;
  }

  /** Opens every kind of page of every model once. */
  async openEverything(): Promise<void> {
    for (const { model, input } of MODELS) {
      await this.vscode.command('View: Show Explorer');
      // A row below the end of the list is not there to be clicked.
      await this.vscode.command('Collapse Folders in Explorer');
      await this.vscode.contextMenu(await this.vscode.explorerRow(model), 'Explain Prediction');
      await this.vscode.quickInput().waitFor();
      await this.vscode.pick(input);
      await this.vscode.webview().locator('.content[aria-busy=false]').waitFor({ timeout: OPEN_LIMIT_MS });
      await this.openPages(basename(model));
      await this.vscode.command('View: Close All Editors');
    }
  }

  /** Health, graph and a layer of the model that is active. */
  private async openPages(model: string): Promise<void> {
    await this.openLayers();
    await this.page.locator('.sidebar .pane-body').getByText(`${model}: `).waitFor();
    const layer = await this.pageWith('.values-tab', () => this.treeRows.last().click());
    for (const name of ['Table', 'Weights', 'Config', 'Values'])
      await layer.getByRole('tab', { name }).click();
    await this.vscode.command('Layerglass: Show Model Health');
    await this.pageWith('.health tbody tr');
    await this.vscode.command('Layerglass: Show Graph');
    await this.pageWith('.nodes tbody tr');
  }

  /** @param open opens it; done again where that had no effect, as a click on a tree that is just filled may have none */
  private async pageWith(selector: string, open = async (): Promise<void> => {}): Promise<FrameLocator> {
    for (const end = Date.now() + OPEN_LIMIT_MS; Date.now() < end; ) {
      await open();
      for (const again = Date.now() + AGAIN_MS; Date.now() < again; await this.page.waitForTimeout(100))
        for (const frame of await this.frames())
          if ((await frame.locator(selector).count()) > 0) return frame;
    }
    const picture = await this.vscode.screenshot('walk-no-page');
    throw new Error(`No page has "${selector}". See ${picture}.`);
  }

  /** One step. Returns what was done. */
  async step(): Promise<string> {
    const act = ACTS[this.draw(ACTS.length)] ?? ACTS[0];
    const done = (await act?.(this)) ?? '';
    const answered = await this.answer();
    return answered === '' ? done : `${done}; ${answered}`;
  }

  async click(): Promise<string> {
    return `click ${await this.control(CONTROLS, (control) => control.click({ timeout: CLICK_LIMIT_MS }))}`;
  }

  async press(): Promise<string> {
    const key = this.oneOf(KEYS) ?? 'Tab';
    const at = await this.control(CONTROLS, (control) => control.press(key, { timeout: CLICK_LIMIT_MS }));
    return `${key} at ${at}`;
  }

  /** Another option of a list. */
  async choose(): Promise<string> {
    const chosen = await this.control('select:not([disabled])', async (list) => {
      const options = await list.locator('option:not([disabled])').count();
      await list.selectOption({ index: this.draw(Math.max(1, options)) }, { timeout: CLICK_LIMIT_MS });
    });
    return `option of ${chosen}`;
  }

  async clickTree(): Promise<string> {
    await this.openLayers();
    const rows = await this.treeRows.count();
    if (rows === 0) return 'no layers';
    const row = this.treeRows.nth(this.draw(rows));
    return `layer ${await this.attempt(row, () => row.click({ timeout: CLICK_LIMIT_MS }))}`;
  }

  async showTab(): Promise<string> {
    const tabs = await this.tabs.count();
    if (tabs === 0) return this.openPage();
    const tab = this.tabs.nth(this.draw(tabs));
    return `tab ${await this.attempt(tab, () => tab.click({ timeout: CLICK_LIMIT_MS }))}`;
  }

  async openPage(): Promise<string> {
    if ((await this.tabs.count()) >= MAX_PAGES) return this.closePage();
    const { model } = this.oneOf(MODELS) ?? MODELS[0];
    const what = this.oneOf(['summary', 'explain', 'health', 'graph'] as const) ?? 'summary';
    if (what === 'summary') await this.openFile(model);
    else await this.vscode.command(COMMANDS[what]);
    return what === 'summary' ? `open ${model}` : `open ${what}`;
  }

  /** As Go to File does: rows of the explorer may be covered by anything. */
  private async openFile(model: string): Promise<void> {
    await this.vscode.command('Go to File...');
    await this.vscode.quickInput().fill(model);
    await this.vscode
      .quickRows()
      .filter({ hasText: basename(model) })
      .first()
      .waitFor();
    await this.page.keyboard.press('Enter');
  }

  async closePage(): Promise<string> {
    if ((await this.tabs.count()) < 2) return this.openPage();
    await this.vscode.command('View: Close Editor');
    return 'close';
  }

  /** What VS Code asks for: mostly no answer, else the first rows are as good as any. */
  private async answer(): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box:visible');
    if ((await dialog.count()) > 0) {
      await this.page.keyboard.press('Escape');
      return 'no answer to a dialog';
    }
    if (!(await this.vscode.quickInput().isVisible())) return '';
    const rows = await this.vscode.quickRows().count();
    if (rows === 0 || this.draw(2) === 0) {
      await this.page.keyboard.press('Escape');
      return 'no answer';
    }
    const row = this.vscode.quickRows().nth(this.draw(rows));
    return `answer ${await this.attempt(row, () => row.click({ timeout: CLICK_LIMIT_MS }))}`;
  }

  /** Does something with a random control of a random page that is visible. Returns the name of the control. */
  private async control(selector: string, use: (control: Locator) => Promise<void>): Promise<string> {
    for (const end = Date.now() + LOAD_LIMIT_MS; Date.now() < end; await this.page.waitForTimeout(100)) {
      const frames = await this.frames();
      if (frames.length === 0) return this.openPage();
      for (const nth of shuffled(frames.length, this.random)) {
        const controls = frames[nth]?.locator(selector).filter({ visible: true });
        const count = (await controls?.count()) ?? 0;
        if (controls === undefined || count === 0) continue;
        const control = controls.nth(this.draw(count));
        return this.attempt(control, () => use(control));
      }
    }
    return 'nothing';
  }

  /** What is gone or covered by now cannot be clicked; that is no error of a page. */
  private async attempt(locator: Locator, use: () => Promise<void>): Promise<string> {
    const name = await locator
      .evaluate(
        (element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40),
        null,
        {
          timeout: CLICK_LIMIT_MS,
        },
      )
      .catch(() => '(gone)');
    return use().then(
      () => name,
      () => `${name} (out of reach)`,
    );
  }

  private async openLayers(): Promise<void> {
    const tab = this.page.getByRole('tab', { name: /^Layerglass/ }).first();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  private get treeRows(): Locator {
    return this.page.locator('.sidebar .pane-body .monaco-list-row');
  }

  private get tabs(): Locator {
    return this.page.locator('.tabs-container .tab');
  }

  private async frames(): Promise<FrameLocator[]> {
    const count = await this.page.locator('iframe.webview.ready').filter({ visible: true }).count();
    return Array.from({ length: count }, (_, nth) => this.vscode.webview(nth));
  }

  private oneOf<T>(all: readonly T[]): T | undefined {
    return all[this.draw(Math.max(1, all.length))];
  }
}
