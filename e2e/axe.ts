import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What is not accessible on a page: the rule, and the beginning of each element that breaks it. */
export async function axeViolations(page: Page): Promise<{ rule: string; elements: string[] }[]> {
  const { violations } = await new AxeBuilder({ page })
    // Without frames of other origins nothing is gained by a second page, which takes seconds to open.
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations.map(({ id, nodes }) => ({
    rule: id,
    elements: nodes.map(({ html }) => html.slice(0, 200)),
  }));
}
