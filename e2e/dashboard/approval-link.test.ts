import type { Notification } from '@booner/protocol';
import { eventually, startReceiver } from '@booner/testkit';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ask, makeToken } from '../access/asking.ts';
import { startRolloutBed } from '../rollouts/rollout-bed.ts';
import { it } from './browser-test.ts';
import { NETWORK_ERRORS, SOON_MS } from './page-parts.ts';

it('the link in a notification asks for sign-in, and lets somebody else approve the rollout', async ({
  open,
  own,
}) => {
  const webhook = own(await startReceiver());
  const bed = own(await startRolloutBed({ hosts: 1, hubOptions: { auth: 'first' } }));
  const { hub } = bed;
  const channel = { type: 'webhook', url: webhook.url, allowPrivate: true };
  await ask(hub, 'PUT', '/alert-channels/hook', { token: hub.adminToken, body: channel });
  const [ada, grace] = await Promise.all(
    ['ada', 'grace'].map((name) => makeToken(hub, { name, role: 'operator' })),
  );
  const request = { action: 'web.deploy', params: { version: 'v2' }, selector: '*', approval: 'before' };
  const { json } = await ask(hub, 'POST', '/rollouts', { token: ada!.token, body: request });
  const notifications = () => webhook.requests.map(({ body }) => JSON.parse(`${body}`) as Notification);
  const { url } = await eventually(
    () => notifications().find(({ rule }) => rule === 'rollout-approval') ?? null,
    { what: 'the notification' },
  );

  const openLink = async (token: string): Promise<Page> => {
    const opened = await open({ url: `${hub.url}${new URL(url).pathname}` });
    opened.expectProblems(NETWORK_ERRORS);
    const { page } = opened;
    page.setDefaultTimeout(SOON_MS);
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(`**/dashboard/rollouts/${json.rollout_id}`);
    return page;
  };
  const asked = await openLink(ada!.token);
  await asked.getByText('Somebody else has to approve it.').waitFor();
  expect(await asked.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  await asked.goto(`${hub.url}/dashboard/alerts`);
  await asked.getByText(`Rollout waits for approval: web.deploy ${json.rollout_id} batch 1`).waitFor();
  expect(await asked.getByRole('link', { name: 'Open the rollout' }).getAttribute('href')).toBe(
    `/dashboard/rollouts/${json.rollout_id}`,
  );

  const other = await openLink(grace!.token);
  expect(bed.started).toEqual([]);
  await other.getByRole('button', { name: 'Approve' }).click();
  await eventually(() => bed.started.length === 1, { what: 'the rollout' });
});
