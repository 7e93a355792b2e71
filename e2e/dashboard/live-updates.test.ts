import { expect } from 'vitest';
import { it } from './browser-test.ts';
import { startFleetBed } from './fleet-bed.ts';
import { rowOf, SOON_MS, untilChanged, untilConnection } from './page-parts.ts';

it('shows new values as they arrive, without polling', async ({ open, own }) => {
  const bed = own(await startFleetBed());
  const requests: string[] = [];
  const { page } = await open({ url: bed.hub.url });
  await untilConnection(page, 'Live');
  const row = rowOf(page, bed.fleet.hosts[0]!);
  await row.waitFor();
  await untilChanged(row, 'the row');
  page.on('request', (request) => requests.push(request.url()));
  for (let changes = 0; changes < 4; changes++) await untilChanged(row, 'the row');
  // Neither scripts nor history.
  const polls = requests.filter((url) => /\/(?:system\/status|targets|tasks)\b/.test(url));
  expect(polls).toEqual([]);
});

it('lists a target that went offline first and shows it in the counts, the title and the icon, until it is active', async ({
  open,
  own,
}) => {
  const bed = own(await startFleetBed({ count: 5 }));
  const { page } = await open({ url: bed.hub.url });
  await untilConnection(page, 'Live');
  const { hosts } = bed.fleet;
  const last = hosts.at(-1)!;
  const shownHosts = async () =>
    (await page.getByRole('row').getByRole('link').allInnerTexts()).filter((text) =>
      hosts.some((host) => host === text),
    );
  const icon = () => page.locator('link[rel="icon"]').getAttribute('href');
  await expect.poll(shownHosts).toEqual(hosts);
  expect(await page.title()).toBe('Booner · Fleet');
  const calmIcon = await icon();

  bed.fleet.silence(last);
  await rowOf(page, last)
    .filter({ hasText: /offline/i })
    .waitFor({ timeout: SOON_MS });
  await expect.poll(shownHosts).toEqual([last, ...hosts.slice(0, -1)]);
  await expect.poll(() => page.title()).toBe('(1 in trouble) Booner · Fleet');
  expect(await icon()).not.toBe(calmIcon);
  const counts = await page.getByRole('main').innerText();
  expect(counts).toMatch(/5 targets/);
  expect(counts).toMatch(/1 offline/);
  await page.getByRole('banner').getByRole('link', { name: '1 in trouble' }).click();
  await expect.poll(shownHosts).toEqual([last]);
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await expect.poll(shownHosts).toHaveLength(hosts.length);

  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('gtj'); // text, even before the palette is drawn
  const palette = page.getByRole('combobox', { name: /^Search targets/ });
  await expect.poll(() => palette.inputValue()).toBe('gtj');
  await page.getByRole('button', { name: 'Close the palette' }).click();
  await palette.waitFor({ state: 'detached' });

  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  for (const [key, host] of [
    ['j', last],
    ['j', hosts[0]],
    ['j', hosts[1]],
    ['k', hosts[0]],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(focused).toBe(host);
  }
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.waitForURL('**/dashboard/tasks', { timeout: SOON_MS });
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await rowOf(page, last).waitFor({ timeout: SOON_MS });
  await page.keyboard.press('/');
  await page.keyboard.type('gtj'); // text, in a search
  await page.waitForURL('**/?q=gtj', { timeout: SOON_MS });
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await expect.poll(shownHosts).toHaveLength(hosts.length);

  bed.fleet.resume(last);
  await expect.poll(shownHosts).toEqual(hosts);
  await expect.poll(() => page.title()).toBe('Booner · Fleet');
  expect(await icon()).toBe(calmIcon);
});
