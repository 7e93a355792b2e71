import { expect, it } from 'vitest';
import { Fleet } from './fleet.ts';
import { MainServerState } from './main-server.ts';
import { StatusStream } from './status-stream.ts';

it('goes on after a broadcast that failed', async () => {
  const now = () => ({ monotonicMs: 0, wallMs: 0 });
  const mainServer = new MainServerState();
  const fleet = new Fleet({ intervalMs: 3000, now });
  fleet.onCatchUp([], new Map());
  const stream = new StatusStream({
    fleet,
    mainServer,
    busState: () => 'connected',
    waitingFor: () => 'no reason',
    intervalMs: 3000,
    nowWallMs: () => 0,
  });
  const takeChanges = fleet.takeChanges.bind(fleet);
  fleet.takeChanges = () => {
    throw new Error('broken once');
  };
  await expect(stream.broadcast()).rejects.toThrow('broken once');
  fleet.takeChanges = takeChanges;
  await expect(stream.broadcast()).resolves.toBeUndefined();
  expect(stream.counts.broadcasts).toBe(2);
});
