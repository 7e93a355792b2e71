import { expect, onTestFinished, test, vi } from 'vitest';
import type { Mount } from './mount-table.ts';
import { createStatfsGuard, type StatfsFigures } from './statfs-guard.ts';

const FIGURES: StatfsFigures = { bsize: 1, blocks: 3, bfree: 2, bavail: 1, files: 0, ffree: 0 };
const mount = (mountPoint: string, isSteady: boolean): Mount => ({
  mountPoint,
  device: '',
  type: '',
  isSteady,
});

/** From now on, only a test lets time pass. */
function stopTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** File systems of which some never answer until they are released. */
function createFileSystems() {
  const hanging = new Set<string>();
  const releases = new Map<string, () => void>();
  const calls: string[] = [];
  let open = 0;
  let mostOpen = 0;
  return {
    calls,
    hang(...mountPoints: string[]) {
      for (const mountPoint of mountPoints) hanging.add(mountPoint);
    },
    release(mountPoint: string) {
      hanging.delete(mountPoint);
      releases.get(mountPoint)?.();
    },
    stuck: () => open,
    mostOpen: () => mostOpen,
    async statfs(mountPoint: string): Promise<StatfsFigures> {
      calls.push(mountPoint);
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      if (hanging.has(mountPoint)) {
        await new Promise<void>((resolve) => releases.set(mountPoint, resolve));
      }
      open -= 1;
      return FIGURES;
    },
  };
}

test('however many mounts hang, one call is stuck, and the steady mounts are still measured', async () => {
  const fileSystems = createFileSystems();
  const mounts = [
    mount('/', true),
    mount('/a', false),
    mount('/b', false),
    mount('/c', false),
    mount('/d', true),
  ];
  let nowMs = 0;
  const guard = createStatfsGuard(fileSystems.statfs, () => nowMs);
  fileSystems.hang('/a', '/b', '/c');
  stopTimers();

  for (; nowMs < 120_000; nowMs += 3000) {
    const asked = guard.ask(mounts);
    if (nowMs === 0) await vi.advanceTimersByTimeAsync(500); // the stuck call is waited for, once
    await asked;
    expect(guard.outcome('/')).toEqual({ figures: FIGURES });
    expect(guard.outcome('/d')).toEqual({ figures: FIGURES });
    expect(fileSystems.stuck()).toBe(1);
  }
  nowMs -= 3000;
  expect(fileSystems.mostOpen()).toBe(2); // the stuck one, and a steady one beside it
  expect(guard.outcome('/a')).toEqual({ reason: 'no answer for 117 s' });
  expect(guard.outcome('/b')).toEqual({ reason: 'not asked, because /a does not answer' });
  expect(fileSystems.calls.filter((mountPoint) => mountPoint === '/a')).toHaveLength(1);

  fileSystems.release('/a');
  await new Promise(setImmediate);
  expect(guard.outcome('/a')).toEqual({ figures: FIGURES });
  expect(fileSystems.stuck()).toBe(1); // /b hangs now
  fileSystems.release('/b');
  fileSystems.release('/c');
  await new Promise(setImmediate);
  await guard.ask(mounts);
  for (const { mountPoint } of mounts) expect(guard.outcome(mountPoint)).toEqual({ figures: FIGURES });
  expect(fileSystems.stuck()).toBe(0);
});

test('when a steady mount hangs nothing else is asked, so that still one call is stuck', async () => {
  const fileSystems = createFileSystems();
  fileSystems.hang('/', '/a', '/d');
  let nowMs = 0;
  const guard = createStatfsGuard(fileSystems.statfs, () => nowMs);
  for (; nowMs < 30_000; nowMs += 3000)
    await guard.ask([mount('/', true), mount('/a', false), mount('/d', true)]);
  expect(fileSystems.mostOpen()).toBe(1);
  expect(fileSystems.calls).toEqual(['/']);
});

test('a mount behind one that hangs keeps its figures for a minute', async () => {
  const fileSystems = createFileSystems();
  let nowMs = 0;
  const guard = createStatfsGuard(fileSystems.statfs, () => nowMs);
  const mounts = [mount('/a', false), mount('/b', false)];
  await guard.ask(mounts);
  fileSystems.hang('/a');
  nowMs = 3000;
  await guard.ask(mounts);
  expect(guard.outcome('/a')).toEqual({ figures: FIGURES }); // it may only be slow
  nowMs = 6000;
  expect(guard.outcome('/a')).toEqual({ reason: 'no answer for 3 s' });
  expect(guard.outcome('/b')).toEqual({ figures: FIGURES });
  nowMs = 61_000;
  expect(guard.outcome('/b')).toEqual({ reason: 'not asked, because /a does not answer' });
});

test('a mount that refuses has the reason, and others are asked', async () => {
  const statfs = async (mountPoint: string) => {
    if (mountPoint === '/a') throw new Error('EACCES: permission denied, statfs');
    return FIGURES;
  };
  const guard = createStatfsGuard(statfs, () => 0);
  await guard.ask([mount('/a', false), mount('/b', false)]);
  expect(guard.outcome('/a')).toEqual({ reason: 'EACCES: permission denied, statfs' });
  expect(guard.outcome('/b')).toEqual({ figures: FIGURES });
});

test('a removed mount is forgotten', async () => {
  const guard = createStatfsGuard(
    async () => FIGURES,
    () => 0,
  );
  await guard.ask([mount('/a', false)]);
  await guard.ask([]);
  expect(guard.outcome('/a')).toEqual({ reason: 'not asked yet' });
});
