/** What a person does in GraphiQL, as far as its page lets a program do it. */
import type { Locator, Page } from 'playwright-core';
import { until } from '../setup/deadline.ts';

/** Opens a tab. @param holds what its editor then shows */
export async function openTab(page: Page, name: string, holds: RegExp): Promise<void> {
  // GraphiQL's tabs take a first pointer click for the end of a drag; a click event is what a second one gives.
  const tab = page.locator('.graphiql-tab', { hasText: name }).getByRole('button').first();
  await tab.dispatchEvent('click');
  // What is executed is what the editor holds, which follows the tab.
  await page.locator('.view-lines', { hasText: holds }).waitFor();
}

/** Executes what a tab that was just opened holds. @param sign what is seen when it was */
export async function execute(page: Page, sign: Locator): Promise<void> {
  // GraphiQL learns the new tab's operation a moment after it shows it, with no sign of that.
  const button = page.getByRole('button', { name: /Execute/ });
  await until(async () => {
    if (await sign.isVisible()) return true;
    if (await button.isVisible()) await button.click({ timeout: 1_000 }).catch(() => {});
    return sign.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  });
}
