import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startHub, startProcess } from '@booner/testkit';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BIN,
  type Consumer,
  createConsumer,
  PUBLISHED,
  type Published,
  readManifest,
  run,
} from './consumer.ts';

const NODE = { module: 'nodenext', types: ['node'] };
const PAGE = { module: 'preserve', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'] };

let consumer: Consumer;

beforeAll(async () => {
  consumer = await createConsumer();
});
afterAll(() => consumer?.[Symbol.asyncDispose]());

/** The code of the README that npm shows. */
async function readExample(name: Published): Promise<string> {
  const readme = await readFile(join(consumer.installed(name), 'README.md'), 'utf8');
  return /```tsx?\n(.*?)```/s.exec(readme)?.[1] ?? '';
}

// At the same time: most of them wait for another process.
describe.each(PUBLISHED)('@booner/%s, as it is published', { concurrent: true }, (name) => {
  it('has no issues for publint', async () => {
    const { buffer } = new Uint8Array(await readFile(consumer.tarball(name)));
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages).toEqual([]);
  });

  it('has types that fit its code (attw)', async () => {
    await run(join(BIN, 'attw'), [consumer.tarball(name), '--profile', 'esm-only'], consumer.folder);
  });

  it('contains code, declarations, README and licence, and nothing of the tests', async () => {
    const folder = consumer.installed(name);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
    expect(files).toEqual(expect.arrayContaining(['index.js', 'index.d.ts', 'README.md', 'LICENSE']));
    const others = files.filter((file) => !/\.(js|d\.ts)$|^(package\.json|README\.md|LICENSE)$/.test(file));
    expect(others).toEqual([]);
    expect(files.filter((file) => /test|-bed\.|fake-/.test(file))).toEqual([]);
  });

  it('has a README whose links also work on npm', async () => {
    const readme = await readFile(join(consumer.installed(name), 'README.md'), 'utf8');
    expect(readme).toContain(`npm install @booner/${name}`);
    const relative = [...readme.matchAll(/\]\((?!https?:|#)([^)]*)\)/g)].map(([, path]) => path);
    expect(relative).toEqual([]);
  });

  it('can be imported by each of its entry points', async () => {
    const { exports } = await readManifest(consumer.installed(name));
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    const lines = entries.map((entry) => `await import('@booner/${name}${entry.slice(1)}');`);
    await consumer.write(`import-${name}.js`, lines.join('\n'));
    await using child = await consumer.start(`import-${name}.js`);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});

it.concurrent('marks the hooks as browser code, for frameworks that render on a server', async () => {
  expect(await readFile(join(consumer.installed('react'), 'index.js'), 'utf8')).toMatch(/^'use client';/);
});

it.concurrent('shows examples in the READMEs of protocol and client that work in Node.js', async () => {
  await consumer.write('node/messages.ts', await readExample('protocol'));
  await consumer.write('node/watch.ts', await readExample('client'));
  await consumer.compile('node', NODE);
  await using hub = await startHub({ env: { BOONER_INTERVAL_MS: '500' } });

  await using messages = await consumer.start('node/messages.js', hub.wsUrl);
  await using watch = await consumer.start('node/watch.js', hub.url);
  await using polling = await startProcess({
    command: process.execPath,
    args: ['--no-experimental-websocket', join(consumer.folder, 'node/watch.js'), hub.url],
  });
  for (const child of [messages, watch, polling]) {
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.lines.stderr).toEqual([]);
  }
  expect(messages.lines.stdout).toEqual(['127.0.0.1 is active']);
  expect(watch.lines.stdout.join('\n')).toMatch(/^\[live: .*\] 127\.0\.0\.1 is active, CPU \d+ %$/m);
  expect(watch.lines.stdout.at(-1)).toMatch(/^completed \{/);
  const withoutWebSocket = /^\[polling: this runtime has no WebSocket\] 127\.0\.0\.1 is active/m;
  expect(polling.lines.stdout.join('\n')).toMatch(withoutWebSocket);
});

it.concurrent('shows an example in the README of react that a page can be built from, and a server can render', async () => {
  await consumer.write('page/status-page.tsx', await readExample('react'));
  // All declarations also compile in a program for browsers, without Node.js's types.
  const all = PUBLISHED.map((name) => `export * as ${name} from '@booner/${name}';`);
  await consumer.write('page/all.ts', all.join('\n'));
  await consumer.write(
    'page/draw.ts',
    `import { createElement } from 'react';
     import { renderToString } from 'react-dom/server';
     import { StatusPage } from './status-page.js';
     console.log(renderToString(createElement(StatusPage, { url: 'http://localhost:8000' })));`,
  );
  await consumer.compile('page', { ...PAGE, jsx: 'react-jsx' });
  await using child = await consumer.start('page/draw.js');
  expect(await child.exited).toEqual({ code: 0, signal: null }); // it connects nothing that would keep it
  expect(child.lines.stderr).toEqual([]);
  expect(child.lines.stdout.join('')).toMatch(/^<p>Connecting …<\/p><section><button type="button">Run/);
});
