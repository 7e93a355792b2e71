// Takes the pictures of the documentation from the demo, in six minutes, because charts need data.
//   npm run pictures                       all of them
//   npm run pictures -- add-host task      some of them
// Size, language, time zone and the order of events are fixed; measured values differ.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser } from '../packages/testkit/src/browser.ts';
import { eventually } from '../packages/testkit/src/index.ts';

const IMAGES = join(import.meta.dirname, '../docs/images');
const MAX_BYTES = 120_000;
const QUALITIES = [0.8, 0.7, 0.6, 0.5];
const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
/** Charts show this much. */
const HISTORY_MS = 300_000;
const READY_MS = 60_000;
/** What a page still draws after its content is there. */
const SETTLE_MS = 1500;
/** A host of the demo that can run tasks, and a simulated one with a GPU. */
const HOST = '127.0.0.2';
const GPU_HOST = '10.0.0.3';
/** Names of the pictures to take; all if it is empty. */
const wanted = new Set(process.argv.slice(2));

const demo = spawn(process.execPath, [join(import.meta.dirname, 'demo/main.mjs')], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(demo, 'exit');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal));
try {
  const { url, redisPid } = await readStarted();
  const startedMs = Date.now();
  const browser = await openBrowser();
  try {
    await takeAll({ browser, url, redisPid, startedMs });
  } finally {
    await browser.close();
  }
} finally {
  demo.kill('SIGINT');
  await ended;
}

/** Reads the address of the hub and the process of Redis from the output of the demo. */
async function readStarted() {
  let text = '';
  demo.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  const isStarted = () => demo.exitCode !== null || /^Dashboard /m.test(text);
  await eventually(isStarted, { what: 'the demo to start' });
  const url = /^Dashboard {2}(\S+)$/m.exec(text)?.[1];
  const redisPid = /^Redis: .* process (\d+)$/m.exec(text)?.[1];
  if (url === undefined || redisPid === undefined) throw new Error(`the demo did not start:\n${text}`);
  return { url, redisPid: Number(redisPid) };
}

async function takeAll({ browser, url, redisPid, startedMs }) {
  await mkdir(IMAGES, { recursive: true });
  const take = async (name, path, options) => {
    if (isWanted(name)) await takePicture(browser, { name, url: new URL(path, url).href, ...options });
  };
  if (isWanted('task', 'run-form', 'add-host')) await takeForms(take, url);
  if (!isWanted('fleet', 'fleet-dark', 'phone', 'target', 'outage')) return;
  await sleep(Math.max(0, startedMs + HISTORY_MS - Date.now()));
  await untilOffline(url);
  await takeCharts(take, redisPid);
}

async function takeForms(take, url) {
  const task = await startTask(url, { host: HOST, action: 'countdown', params: { seconds: 60 } });
  await sleep(24_000); // the task is under way, and notifications of other tasks have gone
  await take('task', `/dashboard/tasks/${task}`, { ready: (page) => page.getByRole('log').waitFor() });
  await take('run-form', `/dashboard/run?host=${HOST}&action=game.deploy`, {
    act: async (page) => {
      await page.getByRole('textbox', { name: 'custom_config' }).fill('{ "board": { "size": 8 } }');
      await page.getByRole('textbox', { name: 'game' }).fill('chess');
    },
  });
  await take('add-host', '/', {
    act: async (page) => {
      await page.getByRole('button', { name: 'Add host' }).first().click();
      await page.getByLabel('Host', { exact: true }).fill('10.0.0.77');
      await page.getByRole('textbox', { name: 'Label' }).fill('game server');
      await page.getByText('Allow tasks').click();
    },
  });
}

async function takeCharts(take, redisPid) {
  const ready = (page) =>
    page
      .getByText(/\b1 offline/)
      .first()
      .waitFor();
  await take('fleet', '/', { ready });
  await take('fleet-dark', '/', { ready, theme: 'dark' });
  await take('phone', '/', { device: PHONE });
  await take('target', `/dashboard/targets/${GPU_HOST}?range=5m`, {
    ready: (page) => page.getByRole('img', { name: /CPU/ }).first().waitFor(),
  });
  process.kill(redisPid, 'SIGSTOP');
  try {
    await take('outage', '/', {
      clip: { x: 0, y: 0, width: DESK.viewport.width, height: 420 },
      isLive: false,
      ready: (page) => page.getByText(/Redis unreachable since/).waitFor(),
    });
  } finally {
    process.kill(redisPid, 'SIGCONT');
  }
}

function isWanted(...names) {
  return wanted.size === 0 || names.some((name) => wanted.has(name));
}

async function startTask(url, task) {
  const response = await fetch(new URL('/tasks', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(task),
  });
  if (response.status !== 202) throw new Error(`the task was not started: ${await response.text()}`);
  return (await response.json()).task_id;
}

/** Waits until the demo's flapping host is offline. */
function untilOffline(url) {
  return eventually(
    async () => {
      const response = await fetch(new URL('/system/status', url));
      const { deployment_targets: targets } = await response.json();
      return targets.some(({ status }) => status === 'offline');
    },
    { what: 'an offline host', deadlineMs: 180_000 },
  );
}

async function takePicture(browser, options) {
  const { name, url, device = DESK, theme = 'light', ready, act, clip, isLive = true } = options;
  const context = await browser.newContext({
    ...device,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(READY_MS);
    await page.goto(url);
    if (isLive) await page.getByRole('button', { name: 'Connection: Live' }).waitFor();
    await ready?.(page);
    await act?.(page);
    await sleep(SETTLE_MS);
    const bytes = await takeWebp(page, clip);
    await writeFile(join(IMAGES, `${name}.webp`), bytes);
    process.stdout.write(`docs/images/${name}.webp  ${Math.round(bytes.length / 1000)} KB\n`);
  } finally {
    await context.close();
  }
}

/** Returns the best picture that is small enough. Playwright has no WebP, but the browser does. */
async function takeWebp(page, clip) {
  const png = await page.screenshot(clip === undefined ? {} : { clip });
  const encoder = await page.context().newPage();
  for (const quality of QUALITIES) {
    const base64 = await encoder.evaluate(encodeWebp, [png.toString('base64'), quality]);
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length <= MAX_BYTES) return bytes;
  }
  throw new Error(`a picture is larger than ${MAX_BYTES} bytes`);
}

/** Runs in the browser. */
async function encodeWebp([png, quality]) {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
  let text = '';
  for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}
