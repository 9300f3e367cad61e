import type { Page } from 'playwright-core';

/** What a person does on the example's page, and what there is to see on it. */
export function portalPage(page: Page) {
  const visitor = page.getByRole('region', { name: 'Visitor' });
  const desk = page.getByRole('region', { name: 'Agent’s desk' });
  const value = (name: string) =>
    desk.locator('.member', { has: page.getByText(name, { exact: true }) }).locator('dd');
  return {
    visitor,
    desk,
    live: desk.locator('#live-tag'),
    requests: desk.locator('.line code'),
    owners: desk.locator('.line .owner'),
    sessionId: value('sessionId'),
    customerId: value('customerId'),
    agentId: value('agentId'),
    visitId: value('visitId'),
    others: desk.locator('.others li'),
    summary: page.locator('#summary'),

    async search(query: string) {
      await visitor.getByLabel('Search the help articles').fill(query);
      await visitor.getByRole('button', { name: 'Search' }).click();
      await visitor.getByText(`for “${query}”`).waitFor();
    },
    async read(title: string) {
      await visitor.getByRole('button', { name: title }).click();
      await visitor.getByRole('heading', { name: title }).waitFor();
    },
    async backToList() {
      await visitor.getByRole('button', { name: 'Back to the list' }).click();
    },
    async logIn(customerId: string) {
      await visitor.getByLabel('Customer ID').fill(customerId);
      await visitor.getByRole('button', { name: 'Log in' }).click();
      await visitor.getByText(`Logged in as ${customerId}`).waitFor();
    },
    async logOut() {
      await visitor.getByRole('button', { name: 'Log out', exact: true }).click();
      await visitor.getByRole('button', { name: 'Log in' }).waitFor();
    },
    async logOutEverywhere() {
      await visitor.getByRole('button', { name: 'Log out everywhere' }).click();
      await visitor.getByText('Logged out everywhere').waitFor();
    },
    async take(agentId: string) {
      await desk.getByLabel('Your agent ID').fill(agentId);
      await desk.getByRole('button', { name: 'Take this session' }).click();
    },
    /** Waits until the desk shows a request. */
    async seen(request: string) {
      await desk.locator('.line').getByText(request, { exact: true }).waitFor();
    },
  };
}
