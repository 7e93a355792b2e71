import { setTimeout as pause } from 'node:timers/promises';
import type { HubProcess } from '@booner/testkit';
import { expect, it } from 'vitest';
import { COMPLETED, startRolloutBed, startsByHost } from './rollout-bed.ts';

/** Deaths of the hub that moves a rollout on. */
const KILLS = Number(process.env.BOONER_TEST_KILLS ?? 6);
const HOSTS = 10;
const KILLS_OF_A_ROLLOUT = 3;
/** A death comes within this time of the one before: in each step of some batches. */
const AROUND_MS = 1500;

it(
  'goes on when hubs are killed in any of its steps: no host twice, none skipped',
  async () => {
    await using bed = await startRolloutBed({
      hosts: HOSTS,
      hubs: 2,
      run: async () => {
        await pause(Math.random() * 300);
        return COMPLETED;
      },
    });
    const [first, second] = bed.hubs as [HubProcess, HubProcess];
    for (let kills = 0; kills < KILLS; ) {
      bed.started.length = 0;
      const id = await bed.create({ batches: [2] }, first);
      for (let count = 0; count < KILLS_OF_A_ROLLOUT && kills < KILLS; count += 1, kills += 1) {
        const victim = kills % 2 === 0 ? first : second;
        await pause(Math.random() * AROUND_MS);
        await victim.kill('SIGKILL');
        await victim.restart();
      }
      const ended = await bed.until(id, 'the end', ({ status }) => !/^(pending|running)$/.test(status));
      expect(ended).toMatchObject({ status: 'completed', counts: { completed: HOSTS } });
      expect([...startsByHost(bed.started).values()]).toEqual(Array(HOSTS).fill(1));
    }
  },
  180_000 + KILLS * 20_000,
);
