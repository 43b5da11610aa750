import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../src/shared/errors';
import { channelMap, channelTiles, layerChannels, layerChoice, layerValues } from './canned';
import { imageTrace } from './cannedTraces';
import { cannedUnit } from './layer/cannedUnits';
import { type OpenPage, PageHarness } from './pageHarness';

describe('content security policy', () => {
  let open: OpenPage;

  beforeAll(async () => {
    const harness = await PageHarness.get();
    open = await harness.open('layer', {
      ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
      values: () => ok(layerValues),
      openUnit: () => ok({ unit: cannedUnit, names: [] }),
      trace: () => ok(imageTrace),
      channels: () => ok(layerChannels),
      tiles: (_, __, channels) => ok(channelTiles(channels)),
      channelMap: (_, __, channel) => ok(channelMap(channel)),
    });
    await open.page.getByRole('heading', { name: 'Statistics' }).waitFor();
  }, 60_000);
  afterAll(() => open.close());

  /** Returns the directive that `attack`, run in the page, violates. */
  const violatedDirective = async (attack: () => void): Promise<string> => {
    await open.page.evaluate(() => {
      document.body.dataset.violations = '';
      document.addEventListener(
        'securitypolicyviolation',
        ({ effectiveDirective }) => {
          document.body.dataset.violations = effectiveDirective;
        },
        { once: true },
      );
    });
    await open.page.evaluate(attack);
    await open.page.waitForTimeout(200);
    return open.page.evaluate(() => document.body.dataset.violations ?? '');
  };

  it('forbids a base element', async () => {
    const found = await violatedDirective(() => {
      const base = document.createElement('base');
      base.href = 'https://attacker.example/';
      document.head.append(base);
    });
    expect(found).toBe('base-uri');
    expect(await open.page.evaluate(() => document.baseURI)).not.toContain('attacker');
  });

  it('forbids submitting a form', async () => {
    const found = await violatedDirective(() => {
      const form = document.createElement('form');
      form.action = 'https://attacker.example/';
      document.body.append(form);
      form.submit();
    });
    expect(found).toBe('form-action');
  });

  it('forbids inline scripts', async () => {
    const found = await violatedDirective(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "attacked"';
      document.body.append(script);
    });
    expect(found).toBe('script-src-elem');
    expect(await open.page.title()).not.toBe('attacked');
  });
});
