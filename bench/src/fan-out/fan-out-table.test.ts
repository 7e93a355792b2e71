import { expect, test } from 'vitest';
import type { BroadcasterName } from './fan-out-contract.ts';
import { type FanOutCell, presentFanOut } from './fan-out-table.ts';

const cell = (server: BroadcasterName, clients: number, cpuUsPerDelivery: number): FanOutCell => ({
  server,
  clients,
  payloadBytes: 1024,
  broadcasts: 20,
  cpuUsPerDelivery,
  latencyUs: { count: 20 * clients, p50: 4200, p99: 12_345, max: 20_000 },
  rssBytes: 80 * 2 ** 20,
  peakRssBytes: 90 * 2 ** 20,
  rssPerConnectionBytes: 9216,
});

test('the hub has goals relative to its peers with as many clients: alone at 0.9 of the plain loop, whole at 0.6 of socket.io', () => {
  const cells = [
    cell('hub-broadcast', 1000, 12),
    cell('ws', 1000, 13),
    cell('hub', 1000, 14),
    cell('socket.io', 1000, 25),
    cell('hub', 5000, 99),
  ];
  expect(presentFanOut(cells, []).goals).toEqual([
    {
      what: expect.stringContaining('ws loop, send to each: 1000'),
      figure: '0.92',
      goal: 'at most 0.90',
      isMet: false,
    },
    { what: expect.stringContaining('socket.io: 1000'), figure: '0.56', goal: 'at most 0.60', isMet: true },
  ]);
});

test('without the hub, the others are shown and there are no goals', () => {
  const part = presentFanOut([cell('ws', 1000, 13)], ['hub with 1000 clients: it does not start']);
  expect(part.rows).toEqual([['1000', '1 KiB', 'ws loop, send to each', '13.0', '-', '4.2', '12', '9.0']]);
  expect(part.goals).toEqual([]);
  expect(part.failures).toHaveLength(1);
});
