import { expect, it } from 'vitest';
import { createOutageLog } from './outage-log.ts';

const URL = 'redis://hub:hunter2@10.0.0.1/2';

function startLog() {
  const lines: string[] = [];
  let atMs = 0;
  const write = (level: string) => (fields: unknown, text?: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const add = createOutageLog({
    log: { info: write('info'), warn: write('warn') },
    url: URL,
    meanwhile: 'nothing is lost',
    nowMs: () => atMs,
  });
  const addOne = () => {
    const logConnection = add();
    return {
      up: () => logConnection({ state: 'connected', sinceMs: 0 }),
      down: (reason = 'gone') => logConnection({ state: 'disconnected', sinceMs: 0, reason }),
    };
  };
  return {
    addOne,
    pass: (ms: number) => {
      atMs += ms;
    },
    /** The lines since the last call. */
    taken: () => lines.splice(0),
  };
}

const redis = '"redis":"redis://10.0.0.1:6379/2"';

it('says once that Redis is connected, and names it without user and password', () => {
  const { addOne, taken } = startLog();
  for (const connection of [addOne(), addOne(), addOne()]) connection.up();
  expect(taken()).toEqual([`info connected to Redis {${redis}}`]);
});

it('says once when an outage begins and once when all connections are back, however many it took', () => {
  const { addOne, pass, taken } = startLog();
  const connections = [addOne(), addOne(), addOne()] as const;
  for (const connection of connections) connection.up();
  taken();
  for (let outage = 1; outage <= 2; outage += 1) {
    for (const connection of connections) {
      connection.down(`reason ${outage}`);
      pass(6000);
    }
    expect(taken()).toEqual([
      `warn Redis is unavailable: nothing is lost {${redis},"reason":"reason ${outage}"}`,
    ]);
    connections[0].up();
    connections[1].up();
    expect(taken()).toEqual([]);
    pass(2000);
    connections[2].up();
    expect(taken()).toEqual([`info Redis is available again {${redis},"seconds":20}`]);
  }
});

it('says when Redis is back but refuses the user, once for all connections', () => {
  const { addOne, taken } = startLog();
  const connections = [addOne(), addOne()];
  for (const connection of connections) connection.down();
  taken();
  for (const connection of connections) connection.down('wrong password');
  expect(taken()).toEqual([
    `warn Redis can be reached again, but refuses the connection {${redis},"reason":"wrong password"}`,
  ]);
  for (const connection of connections) connection.up();
  expect(taken()).toEqual([`info Redis is available again {${redis},"seconds":0}`]);
});

it('does not hide an outage behind one connection that has been refused for long', () => {
  const { addOne, pass, taken } = startLog();
  const [refused, other] = [addOne(), addOne()];
  refused.down('wrong password');
  other.up();
  pass(60_000);
  taken();
  other.down('gone');
  other.up();
  expect(taken()).toEqual([
    `warn Redis is unavailable: nothing is lost {${redis},"reason":"gone"}`,
    `info Redis is available again {${redis},"seconds":0}`,
  ]);
  refused.up();
  expect(taken()).toEqual([`info Redis is available again {${redis},"seconds":60}`]);
});
