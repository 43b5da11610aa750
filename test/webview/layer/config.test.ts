import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import { layerChoice } from '../canned';
import { screenshot, visibleText } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const config = {
  name: 'block5_conv3',
  filters: 512,
  kernel_size: [3, 3],
  padding: 'same',
  use_bias: true,
  kernel_regularizer: null,
  kernel_initializer: {
    module: 'keras.initializers',
    class_name: 'GlorotUniform',
    config: { seed: null },
  },
  names: Array.from({ length: 30 }, (_, i) => `<b>name ${i}</b>`),
};

describe('the config of a layer', () => {
  const openPage = usePages();

  it.each(THEME_NAMES)('is a tab that needs no input, in the %s theme', async (theme) => {
    const { page, calls, errors } = await openPage(
      'layer',
      {
        ready: () => ok({ choice: { ...layerChoice, inputs: [] }, inputNames: [] }),
        config: () => ok({ config, isCut: true }),
        copy: () => undefined,
        cancel: () => undefined,
      },
      { theme },
    );
    await page.getByRole('tab', { name: 'Config' }).click();
    const section = page.getByRole('region', { name: 'Config' });
    await section.getByText('kernel_size').waitFor();
    const text = await visibleText(section);
    expect(text).toMatch(/kernel_size\s+\[3, 3\]/);
    expect(text).toMatch(/kernel_initializer GlorotUniform/);
    expect(text).toMatch(/seed\s+null/);
    expect(text).toContain('places marked with … are left out');
    // Long lists are folded, and names from files are text.
    expect(text).not.toContain('name 7');
    await section.getByText('30 values').click();
    await section.getByText('"<b>name 7</b>"').waitFor();
    await section.getByRole('button', { name: 'Copy as JSON' }).click();
    await section.getByText('Copied.').waitFor();
    expect(JSON.parse(String(calls.find(({ name }) => name === 'copy')?.args[0]))).toEqual(config);
    expect(calls.some(({ name }) => name === 'values')).toBe(false);
    expect(errors).toEqual([]);
    await screenshot(page, `config-${theme}`);
  });
});
