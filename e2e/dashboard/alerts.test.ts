import { eventually } from '@booner/testkit';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type AlertsBed, startAlertsBed } from './alerts-bed.ts';
import { it } from './browser-test.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
import { SOON_MS } from './page-parts.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
const ALL_VIEWS_MS = 300_000;

let bed: AlertsBed;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(await startAlertsBed());
});

/** Opens a page of the bed. */
const pageAt = async (open: (options: { url: string }) => Promise<{ page: Page }>, path: string) => {
  const { page } = await open({ url: `${bed.hub.url}${path}` });
  page.setDefaultTimeout(SOON_MS);
  return page;
};

it('an alert rings the bell, is acknowledged and silenced, and ends in the history', async ({ open }) => {
  const [host] = bed.hosts as [AlertsBed['hosts'][number]];
  const { page, expectProblems } = await open({ url: `${bed.hub.url}/dashboard/alerts` });
  page.setDefaultTimeout(SOON_MS);
  await page.getByText('Nothing is firing').waitFor();
  await bed.fire(host);

  await page.getByRole('link', { name: 'Alerts: 1 critical' }).waitFor();
  await page.waitForFunction(() => document.title.startsWith('(1 critical'));
  await page.getByRole('button', { name: `Acknowledge: Host is offline, ${host}` }).click();
  await page.getByText(/acknowledged by/).waitFor();
  await page.getByRole('link', { name: 'Alerts', exact: true }).first().waitFor();
  expect((await bed.firing())[0]?.acknowledged).not.toBeNull();

  await page.getByRole('button', { name: `Silence: Host is offline, ${host}` }).click();
  expect(await page.getByLabel('Targets').inputValue()).toBe(`host=${host}`);
  await page.getByRole('radio', { name: '4 hours' }).check();
  const form = page.getByRole('form', { name: 'Silence alerts' });
  const stopExpecting = expectProblems(/status of 400.*silences/);
  await form.getByRole('button', { name: 'Silence' }).click();
  await page.getByText(/must say why/).waitFor();
  stopExpecting();
  await page.getByLabel('Reason').fill('moving its disks');
  await form.getByRole('button', { name: 'Silence' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByText('Muted by a silence').waitFor();

  await page.getByRole('link', { name: 'Quiet times' }).click();
  await page.getByText('moving its disks').waitFor();
  await page.getByRole('button', { name: /^End the silence/ }).click();
  await page.getByRole('button', { name: 'End silence' }).click();
  await page.getByText('No silences').waitFor();
  bed.fleet.resume(host);
  await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Alerts' }).click();
  await page.getByText('lasted').first().waitFor();
});

it('the link in a message acknowledges by a button, once, and not by being opened', async ({ open }) => {
  const host = bed.hosts[1]!;
  const before = bed.messages.length;
  await bed.fire(host);
  const path = await eventually(
    () => /https?:\/\/[^/|]+(\/[\w/]*acknowledge#[\w-]+)/.exec(bed.messages.slice(before).join('\n'))?.[1],
    { what: 'the link' },
  );
  const page = await pageAt(open, path);
  await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
  expect(new URL(page.url()).hash).toBe('');
  expect((await bed.firing()).find((alert) => alert.host === host)?.acknowledged).toBeNull();
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByText(/The alert is acknowledged/).waitFor();
  expect((await bed.firing()).find((alert) => alert.host === host)?.acknowledged).not.toBeNull();

  const { page: again, expectProblems } = await open({ url: `${bed.hub.url}${path}` });
  expectProblems(/status of 410/);
  again.setDefaultTimeout(SOON_MS);
  await again.getByRole('button', { name: 'Acknowledge' }).click();
  await again.getByText(/was used already, or has expired/).waitFor();
  bed.fleet.resume(host);
});

it('a rule says what it would have said while its threshold moves, and is saved', async ({ open }) => {
  const { page, expectProblems } = await open({ url: `${bed.hub.url}/dashboard/alerts/new-rule` });
  page.setDefaultTimeout(SOON_MS);
  const starts = page.getByRole('group', { name: 'critical' }).getByLabel(/Starts at/);
  const ends = page.getByRole('group', { name: 'critical' }).getByLabel(/Ends at/);
  await page.getByText(/^Would not have fired/).waitFor();
  await ends.fill('10');
  await starts.fill('20');
  await page.getByText(/^Would have fired/).waitFor();

  const line = page.getByText('▲ critical').last();
  const from = await line.boundingBox();
  await page.mouse.move(from!.x + 5, from!.y + from!.height / 2);
  await page.mouse.down();
  await page.mouse.move(from!.x + 5, from!.y - 100, { steps: 5 });
  await page.mouse.up();
  expect(Number(await starts.inputValue())).toBeGreaterThan(40);
  expect(Number(await starts.inputValue()) - Number(await ends.inputValue())).toBeCloseTo(10);

  await page.getByLabel('Name').fill('cpu-high');
  await page.getByLabel('Runbook').fill('no url');
  const stopExpecting = expectProblems(/status of 400/);
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByText(/must be a URL/).waitFor();
  stopExpecting();
  await page.getByLabel('Runbook').fill('https://wiki.example.org/cpu');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByRole('link', { name: 'cpu-high' }).click();
  expect(await page.getByLabel('Runbook').inputValue()).toBe('https://wiki.example.org/cpu');
  await page.getByRole('button', { name: 'Delete or reset' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('heading', { name: 'Rules', exact: true }).waitFor();
  await page.getByRole('link', { name: 'cpu-high' }).waitFor({ state: 'hidden' });
});

it('a rule of Booner is changed as a copy, and reset', async ({ open }) => {
  const page = await pageAt(open, '/dashboard/alerts/rules/disk-usage');
  await page.getByRole('button', { name: 'Delete or reset' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'disk-usage' });
  await row.getByText('part of Booner').waitFor();
  await page.getByRole('link', { name: 'disk-usage' }).click();
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Enable' }).waitFor();
});

it('a channel keeps its secret, and shows what the other side says', async ({ open }) => {
  const page = await pageAt(open, '/dashboard/alerts/channels');
  await page.getByRole('button', { name: 'Add channel' }).first().click();
  const form = page.getByRole('form', { name: 'Channel' });
  await form.getByLabel('Type').selectOption('webhook');
  await form.getByLabel('Name').fill('broken');
  await form.getByLabel('URL').fill('http://127.0.0.1:9/hook');
  await form.getByLabel('Secret').fill('correct horse battery'.replaceAll(' ', '-'));
  await form.getByLabel('Allow private').check();
  await form.getByLabel('Default').uncheck();
  await form.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('button', { name: 'Test broken' }).click();
  await page.getByText(/The other side said: .*(refused|ECONNREFUSED)/i).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: 'Edit broken' }).click();
  const secret = page.getByRole('form', { name: 'Channel' }).getByLabel('Secret');
  expect(await secret.inputValue()).toBe('');
  expect(await secret.getAttribute('placeholder')).toBe('kept unless you enter a new one');
  await page.getByRole('form', { name: 'Channel' }).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('form', { name: 'Channel' }).waitFor({ state: 'hidden' });
  const { channels } = (await bed.request('GET', '/alert-channels')) as {
    channels: { name: string; secrets: string[] }[];
  };
  expect(channels.find(({ name }) => name === 'broken')?.secrets).toEqual(['secret']);
  await page.getByRole('button', { name: 'Test ops' }).click();
  await page.getByText('✓ Delivered').waitFor();
});

it('quiet hours are painted by keys, and a heartbeat shows its URL once', async ({ open }) => {
  const page = await pageAt(open, '/dashboard/alerts/quiet');
  await page.getByRole('button', { name: 'Add quiet hours' }).click();
  await page.getByLabel('Name').fill('nights');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByRole('button', { name: 'Monday 22:00 to 23:00' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('Mon 22:00–00:00 · Tue 23:00–00:00').waitFor();
  const form = page.getByRole('form', { name: 'Quiet hours' });
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByRole('img', { name: /^Week: Mon 22:00/ }).waitFor();
  // It may be one of these hours now, which would mute what other tests look at.
  await bed.request('DELETE', '/quiet-hours/nights');

  await page.getByRole('button', { name: 'Add heartbeat' }).click();
  await page.getByLabel('Name').fill('backup');
  await page.getByLabel('Target').fill(bed.hosts[2]!);
  await page.getByRole('form', { name: 'Heartbeat' }).getByRole('button', { name: 'Add' }).click();
  const command = await page.getByText(/^curl .*\/heartbeats\//).innerText();
  const path = new URL(command.split(' ').at(-1)!).pathname;
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await bed.request('POST', path);
  const row = page.getByRole('listitem').filter({ hasText: 'backup' });
  await row.getByText(/^(now|\d+s ago)$/).waitFor();
});

type View = {
  readonly name: string;
  /** Absent: the view opens on the current page. */
  readonly path?: string;
  readonly ready: (page: Page) => Promise<unknown>;
};

const text = (wanted: string | RegExp) => (page: Page) => page.getByText(wanted).first().waitFor();
const click =
  (role: 'button' | 'link', name: string | RegExp, then: View['ready']): View['ready'] =>
  async (page) => {
    await page.getByRole(role, { name }).first().click();
    await then(page);
  };

const viewsOf = (host: string): readonly View[] => [
  { name: 'alerts', path: '/dashboard/alerts', ready: text('Host is offline') },
  { name: 'silence', ready: click('button', /^Silence: Host/, text('For how long')) },
  { name: 'alert-at-target', path: `/dashboard/targets/${host}`, ready: text('Host is offline') },
  { name: 'alert-in-fleet', path: '/', ready: (page) => page.locator('[data-alert-link]').first().waitFor() },
  { name: 'rules', path: '/dashboard/alerts/rules', ready: text('memory-available') },
  { name: 'rule', path: '/dashboard/alerts/rules/memory-available', ready: text(/^Would/) },
  { name: 'rule-of-state', path: '/dashboard/alerts/rules/down', ready: text(/^Would/) },
  { name: 'new-rule', path: '/dashboard/alerts/new-rule', ready: text(/^Would/) },
  { name: 'channels', path: '/dashboard/alerts/channels', ready: text('Slack') },
  { name: 'channel', path: '/dashboard/alerts/channels?channel=ops', ready: text('Allow private') },
  { name: 'quiet', path: '/dashboard/alerts/quiet', ready: text('Heartbeats') },
  { name: 'quiet-hours', ready: click('button', 'Add quiet hours', text('Each week')) },
  { name: 'acknowledge', path: '/acknowledge', ready: text('needs a link') },
];

describe.for(SIZES)('on a %s', (size) => {
  it('views of alerts are accessible in light and dark, and fit', {
    timeout: ALL_VIEWS_MS,
  }, async ({ open }) => {
    const host = bed.hosts[3]!;
    await bed.fire(host);
    const { page, problems } = await open({ url: bed.hub.url, size, reducedMotion: true });
    page.setDefaultTimeout(SOON_MS);
    const complaints: string[] = [];
    for (const { name, path, ready } of viewsOf(host)) {
      const problemsBefore = problems().length;
      const wrong: unknown[] = [];
      if (path !== undefined) await page.goto(new URL(path, bed.hub.url).href);
      await ready(page).catch((error) => wrong.push(error));
      const inspect = size === 'desk' ? inspectView : inspectWidth;
      wrong.push(...(await inspect(page, `${name}-${size}`)), ...problems().slice(problemsBefore));
      complaints.push(...wrong.map((each) => `${name}: ${each}`));
    }
    expect(complaints).toEqual([]);
  });
});
