import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findBrowser, openBrowser } from './browser.ts';
import { openPage } from './browser-page.ts';
import { eventually } from './eventually.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** Serves one page everywhere. */
async function startPage(html: string, headers: Readonly<Record<string, string>> = {}) {
  const server = createServer((request, response) => {
    if (request.url === '/favicon.ico') return response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: async () => void server.close() };
}

it('shows a page to a reader with a phone in the dark', async () => {
  await using server = await startPage(
    '<title>There</title><meta name="viewport" content="width=device-width">',
  );
  await using opened = await openPage(browser, { url: server.url, size: 'phone', theme: 'dark' });
  await opened.page.waitForLoadState();
  expect(await opened.page.title()).toBe('There');
  const seen = await opened.page.evaluate('[innerWidth, matchMedia("(prefers-color-scheme: dark)").matches]');
  expect(seen).toEqual([390, true]);
});

it('names what went wrong in a page when that is closed', async () => {
  await using server = await startPage(
    '<script>console.error("so wrong")</script><script>throw new Error("so bad")</script>',
  );
  const { page, problems, [Symbol.asyncDispose]: dispose } = await openPage(browser, { url: server.url });
  await eventually(() => problems().length === 2, { what: 'both problems' });
  await expect(dispose()).rejects.toThrow(/so wrong[\s\S]*so bad/);
  expect(page.isClosed()).toBe(true);
});

it('names what the Content-Security-Policy stopped', async () => {
  await using server = await startPage('<script>document.title = "ran"</script>', {
    'content-security-policy': "default-src 'self'",
  });
  const { problems, [Symbol.asyncDispose]: dispose } = await openPage(browser, { url: server.url });
  await eventually(() => problems().length > 0, { what: 'the problem' });
  await expect(dispose()).rejects.toThrow(/Content Security Policy/);
});

it('says nothing of what was expected, until that ends', async () => {
  await using server = await startPage('');
  const opened = await openPage(browser, { url: server.url });
  const consoleError = (text: string) => opened.page.evaluate(`console.error(${JSON.stringify(text)})`);
  const end = opened.expectProblems(/refused/);
  await consoleError('connection refused');
  await consoleError('seen');
  await eventually(() => opened.problems().length === 1, { what: 'the other one' });
  end();
  await consoleError('refused again');
  await eventually(() => opened.problems().length === 2, {
    what: 'what is not expected any more',
  });
  await expect(opened[Symbol.asyncDispose]()).rejects.toThrow(/seen[\s\S]*refused again/);
});

it('finds a browser on the PATH alone', () => {
  expect(findBrowser('')).toBeNull();
  expect(findBrowser('/nowhere:/nor-here')).toBeNull();
});
