import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds serious or critical, one line each: the rule and the first element. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated and not added as a script, which the content security policy of a page forbids.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: runner } = window as typeof window & { axe: typeof axe };
    const found = await runner.run(document, { resultTypes: ['violations'] });
    return found.violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes.map((n) => n.html) }));
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, html }) => `${id}: ${html.join(' ').slice(0, 300)}`);
}
