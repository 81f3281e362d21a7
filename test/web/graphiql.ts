/** What a person does in GraphiQL, as far as its page lets a program do it. */
import type { Locator, Page } from 'playwright-core';
import { vi } from 'vitest';

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
  await vi.waitFor(async () => {
    await page.getByRole('button', { name: /Execute/ }).click();
    await sign.waitFor({ timeout: 1_000 });
  }, 25_000);
}
