import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { showError } from '../../../src/extension/errors';
import { Markdown, notify } from '../../../src/extension/ui';
import { layerTooltip } from '../../../src/extension/views/layerTooltip';
import type { LayerValues } from '../../../src/shared/layerValues';
import type { LayerRow, TensorStats } from '../../../src/shared/model';
import { forget, press, seen } from './fakeVscode';

const EVIL = '[Free GPU](command:workbench.action.terminal.sendSequence?%7B%7D)\u202e$(check)';
const LINK = /\]\((command|https?|file):/;

const plainRow: LayerRow = {
  ...{ path: 'dense', name: 'dense', className: 'Dense', parent: null, isModel: false, calls: 1 },
  ...{ outputShapes: [[null, 2]], inbound: [], inboundOutputs: [], params: 0, trainableParams: 0, dtype: '' },
  ...{ multiplyAdds: 0, activationBytes: 8, activation: 'relu', status: 'known' },
};

beforeEach(forget);

describe('names from files', () => {
  it('are not rendered as commands in notifications and their buttons', async () => {
    const suggestion = { open: `/models/${EVIL}.keras` };
    press.button = undefined;
    await showError({ kind: 'not-a-model', message: `${EVIL} is not a model.`, remedy: EVIL, suggestion });
    const [shown] = seen.notifications;
    expect(shown?.text).toMatch(/Free GPU/);
    for (const text of [shown?.text ?? '', ...(shown?.buttons ?? [])]) {
      expect(text).not.toMatch(LINK);
      expect(text).not.toMatch(/\$\(|\u202e/);
      expect(text.length).toBeLessThanOrEqual(1000);
    }
  });

  it('identify the button that was pressed', async () => {
    const button = `Open ${EVIL}`;
    press.button = (await import('../../../src/shared/text')).plain(button);
    expect(await notify('info', 'text', 'Other', button)).toBe(button);
  });

  it('are rendered neither as links nor as icons in a tooltip', () => {
    const row: LayerRow = {
      ...{ path: EVIL, name: EVIL, className: EVIL, parent: null, isModel: false, calls: 1 },
      ...{
        outputShapes: [[null, 2]],
        inbound: [],
        inboundOutputs: [],
        params: 0,
        trainableParams: 0,
        dtype: '',
      },
      ...{ multiplyAdds: 0, activationBytes: 8, activation: EVIL, status: 'unknown', notice: EVIL },
    };
    const { value } = layerTooltip(row, [row], undefined);
    expect(value).not.toMatch(LINK);
    expect(value).toMatch(/^\*\*\\\[Free/);
    expect(value).toMatch(/\$\(warning\)|\$\(info\)/);
    expect(value).not.toMatch(/\$\(check\)/);
  });

  it('do not touch in the columns of a tooltip', () => {
    const stats: TensorStats = {
      ...{ shape: [1, 2], count: 2, min: -1, max: 2, mean: 0.5, std: 1.5, negative: 1, zero: 0, nan: 0 },
      ...{ infinite: 0, histogram: { min: -1, max: 2, counts: [1, 1] } },
    };
    const values: LayerValues = {
      ...{ layer: 'dense', className: 'Dense', activation: 'relu', pre: stats, post: stats, top: [] },
      ...{ distribution: null, check: null, notices: [], contributions: null },
      shares: { negative: 0.5, deadChannels: null, channels: 2, saturated: null },
    };
    expect(layerTooltip(plainRow, [plainRow], values).value).toContain(
      '| min | &nbsp;&nbsp;-1 | &nbsp;&nbsp;-1 |',
    );
  });

  it('break lines between words and keep consecutive spaces', () => {
    const { value } = new Markdown().text('Layerglass does not know the class  A B.').value;
    expect(value).toBe('Layerglass does not know the class&nbsp;&nbsp;A B.');
  });

  it('are not rendered as commands where trusted commands are allowed', () => {
    const { value } = new Markdown(['layerglass.showLog']).text(EVIL).value;
    expect(value).not.toMatch(LINK);
  });
});

it('no other module of the extension calls the functions that ui.ts wraps', () => {
  const folder = join(import.meta.dirname, '../../../src/extension');
  const direct =
    /\bwindow\s*\.\s*(show(Error|Warning|Information)Message|showQuickPick|showInputBox|show(Open|Save)Dialog|withProgress|createQuickPick|createInputBox|setStatusBarMessage)\b|\bnew MarkdownString\b/;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(40);
  const others = files.filter(
    (file) => file !== 'ui.ts' && direct.test(readFileSync(join(folder, file), 'utf8')),
  );
  expect(others).toEqual([]);
});
