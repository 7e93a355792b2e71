import { join } from 'node:path';
import { SHARDS } from '@booner/protocol/shard';
import { type RunningProcess, startProcess, startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { connectOperator, until } from '../../testing/test-bus.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

const PROGRAM = join(import.meta.dirname, '../../testing/hold-leases.ts');

/** What a process holds by its own account. */
const heldBy = ({ lines }: RunningProcess): readonly string[] =>
  JSON.parse(lines.stdout.at(-1) ?? '{"held":[]}').held;

it('the shards of hubs that die, stop or stand still are held by others, and a hub that goes on changes nothing', async () => {
  await using server = await startRedis();
  using operator = connectOperator(server.url);
  await using resources = new AsyncDisposableStack();
  const start = async (hub: string) =>
    resources.use(await startProcess({ command: process.execPath, args: [PROGRAM, server.url, hub] }));
  const [first, second, third] = [await start('hub-1'), await start('hub-2'), await start('hub-3')];
  const counts = () => [first, second, third].map((hub) => heldBy(hub).length);
  await until('an even spread', () => `${counts()}` === '22,21,21');

  first.kill('SIGKILL');
  second.kill('SIGSTOP');
  await until('one hub to hold all', () => heldBy(third).length === SHARDS);

  second.kill('SIGCONT');
  await until('an even spread', () => `${counts().slice(1)}` === '32,32');
  second.kill('SIGTERM');
  expect(await second.exited).toEqual({ code: 0, signal: null });
  await until('one hub to hold all', () => heldBy(third).length === SHARDS);

  const last = new Map<string, { readonly hub: string; readonly epoch: number }>();
  const refused = new Set<string>();
  for (const [, flat] of await operator.redis.xrange('test:effects', '-', '+')) {
    const fields = fieldsOf(flat);
    const [lease = '', hub = '', epoch] = [
      fields.get('lease'),
      fields.get('hub'),
      Number(fields.get('epoch')),
    ];
    if (fields.get('result') === 'refused') refused.add(hub);
    else {
      const before = last.get(lease) ?? { hub, epoch };
      expect(epoch).toBeGreaterThanOrEqual(before.epoch);
      if (epoch === before.epoch) expect(hub).toBe(before.hub);
      last.set(lease, { hub, epoch });
    }
  }
  expect(last.size).toBe(SHARDS);
  expect(refused).toContain('hub-2');
});
