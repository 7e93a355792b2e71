import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { reportToServiceManager } from './service-manager.ts';
import { receiveNotifications } from './testing/notification-receiver.ts';

const RETRIES = { timeout: 5000, interval: 10 };

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'booner-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'notify');
}

function reportTo(path: string, env: NodeJS.ProcessEnv = {}) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const all: NodeJS.ProcessEnv = { NOTIFY_SOCKET: path, ...env };
  return { manager: reportToServiceManager({ env: all }, { signal: stop.signal }), stop, env: all };
}

it.each([
  ['a path', socketPath],
  ['a name in the abstract namespace', () => `@booner-${randomUUID()}`],
])('reports to a socket at %s that it is ready, what it does and that it stops', (_kind, pathOf) => {
  const path = pathOf();
  using receiver = receiveNotifications(path);
  const { manager, stop } = reportTo(path);
  manager.status('waiting\nfor Redis');
  manager.ready();
  manager.status('connected');
  manager.status('connected');
  stop.abort();
  expect(receiver.messages()).toEqual([
    'STATUS=waiting for Redis',
    'READY=1',
    'STATUS=connected',
    'STOPPING=1',
  ]);
});

it('feeds the watchdog while its loop comes round, and not when that is late', async () => {
  const path = socketPath();
  using receiver = receiveNotifications(path);
  const { manager } = reportTo(path, { WATCHDOG_USEC: '80000', WATCHDOG_PID: String(process.pid) });
  const fed = () => receiver.messages().filter((message) => message === 'WATCHDOG=1').length;
  await vi.waitUntil(() => fed() >= 2, RETRIES); // nothing was promised yet
  manager.progress(0);
  await wait(50);
  const hungAt = fed();
  await wait(200);
  expect(fed()).toBe(hungAt);
  manager.progress(60_000);
  await vi.waitUntil(() => fed() >= hungAt + 2, RETRIES);
});

it('leaves a watchdog alone that is another process’s', async () => {
  const path = socketPath();
  using receiver = receiveNotifications(path);
  reportTo(path, { WATCHDOG_USEC: '40000', WATCHDOG_PID: '1' });
  await wait(100);
  expect(receiver.messages()).toEqual([]);
});

it('sends what systemd had no room for, and finds a socket that was replaced', async () => {
  const path = socketPath();
  const first = receiveNotifications(path);
  const { manager } = reportTo(path);
  for (let count = 0; count < 1000; count += 1) manager.status(`step ${count}`);
  await wait(10);
  expect(first.messages().at(-1)).not.toBe('STATUS=step 999');
  await vi.waitUntil(() => first.messages().at(-1) === 'STATUS=step 999', RETRIES);
  first[Symbol.dispose]();
  unlinkSync(path);
  using second = receiveNotifications(path);
  manager.ready();
  expect(second.messages()).toEqual(['READY=1']);
});

it('does nothing without a service manager, and hands its variables on to no child', () => {
  const stop = new AbortController();
  const none = reportToServiceManager({ env: {} }, { signal: stop.signal });
  none.ready();
  none.progress(1);
  stop.abort();
  const path = socketPath();
  using _receiver = receiveNotifications(path);
  const { env } = reportTo(path, { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1', PATH: '/bin' });
  expect(env).toEqual({ PATH: '/bin' });
});

it('refuses a socket that it cannot report to', () => {
  expect(() => reportTo('vsock:2:1234')).toThrow(/NOTIFY_SOCKET must be/);
  expect(() => reportTo(`/${'x'.repeat(200)}`)).toThrow(/NOTIFY_SOCKET must be/);
});
