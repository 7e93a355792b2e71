import type { Target } from '@booner/protocol';
import { eventually, openStatusClient, startAgent, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { statusesOf, statusIn } from './statuses.ts';

const HOST = '127.0.0.2';
const env = { BOONER_INTERVAL_MS: '1000', BOONER_LABEL: 'web' };
/** A killed agent counts as gone after three intervals and the slack of a status update. */
const SILENT_AFTER_MS = 5000;

describe.concurrent('two agents with one host id', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'are flagged until one ends by %s, and the status never flaps',
    async (signal) => {
      await using redis = await startRedis();
      await using hub = await startHub({ redisUrl: redis.url, env });
      using client = await openStatusClient(hub.url, { version: 1 });
      const target = async () => (await (await hub.get(`/targets/${HOST}`)).json()) as Target;
      const specs = () => client.latest()?.deployment_targets[0]?.specs;

      await using first = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
      await eventually(() => specs() === 'web', { what: 'the first agent to be shown' });
      expect((await target()).conflictingInstances).toBeNull();

      await using second = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
      const flagged = await eventually(async () => (await target()).conflictingInstances, {
        what: 'the conflict to be flagged',
      });
      expect([...flagged].sort()).toEqual([first.instance, second.instance].sort());
      await eventually(() => specs() === 'web (2 agents claim this host id)', {
        what: 'version 1 to say so',
      });
      const sampledBy = new Set<string>();
      const sequences: number[] = [];
      await eventually(
        async () => {
          const { sample, conflictingInstances } = await target();
          expect(conflictingInstances).not.toBeNull();
          sampledBy.add(sample!.instance);
          if (sequences.at(-1) !== sample!.sequence) sequences.push(sample!.sequence);
          return sequences.length === 4;
        },
        { everyMs: 100, what: 'four samples during the conflict' },
      );
      expect(sampledBy.size).toBe(1); // the other's samples are not mixed in

      await second.kill(signal);
      await eventually(async () => (await target()).conflictingInstances === null && specs() === 'web', {
        deadlineMs: SILENT_AFTER_MS,
        what: 'the flag to go',
      });
      expect(statusIn(client.latest(), HOST)).toBe('active');
      await eventually(async () => (await target()).sample?.instance === first.instance, {
        what: 'the samples of the agent that is left',
      });
      expect(statusesOf(client.received, HOST)).toEqual(['active']);
      expect(hub.logs().some(({ msg }) => msg.includes('several agents claim one host id'))).toBe(true);
    },
  );
});
