import { startHub } from '@booner/testkit';
import type { Response } from 'playwright-core';
import { expect } from 'vitest';
import { it } from './browser-test.ts';
import { record } from './figures.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';

/** Size limit of all scripts of the first view, as transferred. */
const SCRIPT_BYTES_MAX = 220_000;
/** A file this small does not get smaller. */
const UNPACKED_BYTES_MAX = 1024;

it('shows the first data soon, from few scripts that are compressed and cached forever', async ({
  open,
  own,
}) => {
  const hub = own(await startHub());
  const responses: Response[] = [];
  const { page } = await open({
    url: hub.url,
    prepare: (prepared) => void prepared.on('response', (response) => responses.push(response)),
  });
  const firstData = await page.waitForFunction(
    () => /\d%/.test(document.querySelector('main')?.innerText ?? '') && performance.now(),
    undefined,
    { polling: 'raf', timeout: SOON_MS },
  );
  const firstDataMs = Number(await firstData.jsonValue());
  await untilConnection(page, 'Live');
  await page.waitForLoadState('networkidle');

  const assets = responses.filter((response) => new URL(response.url()).pathname.startsWith('/assets/'));
  expect(assets.length).toBeGreaterThan(1);
  for (const asset of assets) {
    const { 'content-encoding': encoding = 'none', 'cache-control': caching } = await asset.allHeaders();
    const { responseBodySize } = await asset.request().sizes();
    const isPacked = encoding === 'br' || responseBodySize < UNPACKED_BYTES_MAX;
    expect({ url: asset.url(), status: asset.status(), encoding, isPacked, caching }).toMatchObject({
      status: 200,
      isPacked: true,
      caching: expect.stringMatching(/max-age=31536000.*immutable/),
    });
  }
  const scripts = responses.filter((response) => response.request().resourceType() === 'script');
  const sizes = await Promise.all(
    scripts.map(async (script) => (await script.request().sizes()).responseBodySize),
  );
  const scriptBytes = sizes.reduce((sum, size) => sum + size, 0);
  await record('first-load', { firstDataMs: Math.round(firstDataMs), scriptBytes, scripts: scripts.length });
  expect(scriptBytes).toBeGreaterThan(50_000); // it was measured
  expect(scriptBytes).toBeLessThanOrEqual(SCRIPT_BYTES_MAX);
});

it('may run only its own scripts', async ({ open, own }) => {
  const hub = own(await startHub());
  const documents: Response[] = [];
  const { page, expectProblems } = await open({
    url: hub.url,
    prepare: (prepared) =>
      void prepared.on('response', (response) => {
        if (response.request().resourceType() === 'document') documents.push(response);
      }),
  });
  const [response] = documents;
  const policy = (await response!.headerValue('content-security-policy')) ?? '';
  const directives = new Map(
    policy.split(';').map((directive): [string, string] => {
      const [name = '', ...sources] = directive.trim().split(' ');
      return [name, sources.join(' ')];
    }),
  );
  expect(directives.get('script-src') ?? directives.get('default-src')).toBe("'self'");
  expect(directives.get('style-src') ?? directives.get('default-src')).toBe("'self'");
  expect(policy).not.toMatch(/unsafe/);
  await untilConnection(page, 'Live');

  expectProblems(/Content Security Policy/);
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.head.append(script);
    return document.title;
  });
  expect(ran).not.toBe('taken over');
});

it('explains a link that leads nowhere, and offers the way back', async ({ open, own }) => {
  const hub = own(await startHub());
  const { page, expectProblems } = await open({ url: `${hub.url}/dashboard/nowhere` });
  await page.getByText('Page not found').waitFor({ timeout: SOON_MS });
  expectProblems(/status of 404.*\/nowhere/); // Chromium's words about the answer
  expect((await page.goto(`${hub.url}/nowhere`))?.status()).toBe(404);
  await page.getByText('Page not found').waitFor({ timeout: SOON_MS });
  await page.getByRole('link', { name: 'Go to the fleet' }).click();
  await untilConnection(page, 'Live');
  // The hub's machine and its only target are one card, which offers a first step.
  const machine = page.getByRole('region', { name: 'Main server' });
  await machine.getByRole('link', { name: 'Run countdown' }).waitFor({ timeout: SOON_MS });
  expect(await machine.getByRole('link', { name: /127\.0\.0\.1/ }).count()).toBe(1);
  expect(await page.getByRole('table').count()).toBe(0);
  expect(new URL(page.url()).pathname).toBe('/');
});
