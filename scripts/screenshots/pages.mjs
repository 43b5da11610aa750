/** Every page of the product: how a person comes to it. Each continues where the one before it ended. */

const MODEL = '4-cat-or-dog/cat-or-dog.keras';
const SCORES = '5-sigmoid/scores.keras';
const TRIPLET = '2-triplet/triplet.h5';
const SEQUENCE = '1-sequence/motif.keras';

/** What no sample has: a file of weights alone, many labelled inputs, the epochs of a training, and code. */
export const EXTRA_FILES = {
  'checkpoint.weights.h5': 'test/fixtures/stored_weights/subclassed.weights.h5',
  shapes: 'test/fixtures/gallery',
  training: 'test/fixtures/checkpoints/keras',
  'shape.png': 'test/fixtures/checkpoints/shape.png',
  'train.py': 'scripts/screenshots/train.py',
};

/** @type {readonly { name: string, open: (window: ReturnType<import('./window.mjs').pageWindow>) => Promise<void> }[]} */
export const PAGES = [
  {
    name: 'walkthrough',
    async open({ page }) {
      await page
        .getByRole('tab', { name: /^Layerglass/ })
        .first()
        .click();
      await page.getByRole('button', { name: 'Get Started with Samples' }).click();
      await page.locator('.getting-started-step').first().waitFor();
    },
  },
  {
    name: 'explain',
    async open({ explain, closeAll, openLayers }) {
      await closeAll();
      await explain(MODEL, 'cat.png');
      await openLayers();
    },
  },
  {
    name: 'layer-values',
    async open({ openLayer }) {
      await openLayer('vgg16/block4_conv3', 'Inference mode');
    },
  },
  ...['Table', 'Weights', 'Config'].map((tab) => ({
    name: `layer-${tab.toLowerCase()}`,
    open: ({ chooseTab }) => chooseTab(tab),
  })),
  {
    name: 'health',
    async open({ vscode, closeAll, shown }) {
      await closeAll();
      await vscode.command('Layerglass: Show Model Health');
      await shown('All values are finite.');
    },
  },
  {
    name: 'graph',
    async open({ vscode, closeAll, shown }) {
      await closeAll();
      await vscode.command('Layerglass: Show Graph');
      await shown('boxes shown');
    },
  },
  {
    name: 'graph-gradient',
    async open({ vscode, closeAll, explain, shown }) {
      await closeAll();
      await explain(MODEL, 'cat.png');
      await vscode.command('Layerglass: Show Graph');
      const graph = await shown('boxes shown');
      await graph.getByLabel('Colour by').selectOption('gradient');
      await graph.locator('.legend', { hasText: 'class 0 (cat)' }).waitFor();
    },
  },
  {
    name: 'edit',
    async open({ page, closeAll, explain }) {
      await closeAll();
      const explained = await explain(MODEL, 'cat.png');
      await explained.getByRole('button', { name: 'Edit the Input' }).click();
      await explained.locator('.paint-tools label', { hasText: 'Rectangle' }).click();
      await explained.getByLabel('Fill').selectOption('Black');
      const picture = await explained.locator('.paint-stage').boundingBox();
      const at = (share) => [picture.x + share * picture.width, picture.y + share * picture.height];
      await page.mouse.move(...at(0.1));
      await page.mouse.down();
      await page.mouse.move(...at(0.9), { steps: 5 });
      await page.mouse.up();
      await explained.locator('.edit-outcome-sentence', { hasText: '→' }).waitFor();
      await explained.locator('.content[aria-busy=false]').waitFor();
    },
  },
  {
    name: 'unit',
    async open({ explain, openLayer, closeAll }) {
      await closeAll();
      await explain(SCORES, 'sure.npy');
      const layer = await openLayer('dense_1', 'Inference mode');
      await layer.getByRole('region', { name: 'One unit' }).scrollIntoViewIfNeeded();
      await layer.getByRole('region', { name: 'One unit' }).getByRole('grid').first().waitFor();
      await layer.getByRole('region', { name: 'One unit' }).evaluate((element) => element.scrollIntoView());
    },
  },
  {
    name: 'origins',
    async open({ explain, openLayer, closeAll }) {
      await closeAll();
      await explain(SEQUENCE, 'with-motif.fasta');
      const layer = await openLayer('global_max_pooling1d', 'Where it comes from');
      const section = layer.getByRole('region', { name: 'Where it comes from' });
      await section.getByRole('grid').locator('tbody tr').first().waitFor();
      await section.evaluate((element) => element.scrollIntoView());
    },
  },
  {
    name: 'summary',
    async open({ vscode, closeAll, shown }) {
      await closeAll();
      await vscode.command('View: Show Explorer');
      await vscode.command('Collapse Folders in Explorer');
      await vscode.openFile(TRIPLET);
      await shown('concatenate');
    },
  },
  {
    name: 'weights-only',
    async open({ vscode, closeAll, shown }) {
      await closeAll();
      await vscode.command('View: Show Explorer');
      // A row below the end of the list is not there to be clicked.
      await vscode.command('Collapse Folders in Explorer');
      await vscode.openFile('checkpoint.weights.h5');
      await shown('Weights only');
    },
  },
  {
    name: 'gallery',
    async open({ vscode, page, closeAll }) {
      await closeAll();
      await vscode.command('View: Show Explorer');
      await vscode.command('Collapse Folders in Explorer');
      await vscode.openFile('shapes/shapes.keras');
      await vscode.webview().getByRole('heading', { name: 'shapes.keras' }).waitFor();
      await vscode.command('Layerglass: Show Inputs');
      await page.getByRole('tab', { name: 'Inputs of shapes.keras' }).waitFor();
      await vscode.webview().locator('.input-tile').first().waitFor();
    },
  },
  {
    name: 'checkpoints',
    async open({ vscode, page, closeAll }) {
      await closeAll();
      await vscode.command('View: Show Explorer');
      await vscode.command('Collapse Folders in Explorer');
      await vscode.contextMenu(await vscode.explorerRow('training'), 'Open Checkpoints of This Folder');
      await vscode.pick('shape.png');
      await page.getByRole('tab', { name: /^Checkpoints of training/ }).waitFor();
      await vscode.webview().locator('.content[aria-busy=false]').waitFor();
      await vscode.webview().locator('.verdict', { hasText: 'First wrong turn' }).waitFor();
    },
  },
  {
    name: 'compare',
    async open({ vscode, page, closeAll }) {
      await closeAll();
      await vscode.command('View: Show Explorer');
      await vscode.command('Collapse Folders in Explorer');
      const epoch = (number) => vscode.explorerRow(`training/epoch-0${number}.keras`);
      await vscode.contextMenu(await epoch(3), 'Select Model for Compare');
      await vscode.contextMenu(await epoch(4), 'Compare Model with Selected');
      await page.getByRole('tab', { name: /epoch-03\.keras ↔ epoch-04\.keras/ }).waitFor();
      const compared = vscode.webview();
      await compared.locator('.content[aria-busy=false]').waitFor();
      if (await compared.getByRole('button', { name: 'Input: choose' }).isVisible()) {
        await compared.getByRole('button', { name: 'Input: choose' }).click();
        await vscode.pick('shape.png');
      }
      await compared.locator('.map-canvas').nth(1).waitFor();
      await compared.locator('.content[aria-busy=false]').waitFor();
    },
  },
  {
    name: 'code',
    async open({ vscode, page, closeAll }) {
      await closeAll();
      await vscode.command('View: Show Explorer');
      await vscode.command('Collapse Folders in Explorer');
      await vscode.openFile('train.py');
      await page.locator('.codelens-decoration', { hasText: 'Compare with Code' }).waitFor();
      await page.locator('.view-line', { hasText: '(None, 6, 6, 16)' }).waitFor();
      await page.locator('.squiggly-error, .squiggly-warning').first().waitFor({ state: 'attached' });
    },
  },
  {
    name: 'compare-code',
    async open({ page, shown }) {
      await page.locator('.codelens-decoration a', { hasText: 'Compare with Code' }).click();
      const compared = await shown('The first difference is');
      await compared.getByRole('button', { name: 'Show Layer' }).click();
    },
  },
];
