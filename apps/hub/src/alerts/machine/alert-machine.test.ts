import { alertMemorySchema } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { alertTimeline, cpuRule, START_MS } from '../../testing/alert-timeline.ts';
import { advance, close, WELL } from './alert-machine.ts';

const MINUTE = 60;

describe('thresholds', () => {
  it('open an alert from on, and resolve it at off', () => {
    const cpu = alertTimeline();
    expect([cpu.observe(0, 0.79), cpu.status()]).toEqual(['', 'ok']);
    expect([cpu.observe(3, 0.8), cpu.status()]).toEqual(['open', 'firing']);
    expect([cpu.observe(6, 0.71), cpu.status()]).toEqual(['', 'firing']);
    expect([cpu.observe(9, 0.7), cpu.status()]).toEqual(['resolve', 'ok']);
    expect(cpu.effects).toMatchObject([
      { type: 'open', severity: 'warn', reading: 0.8, sinceMs: START_MS + 3000, channels: ['ops'] },
      { type: 'resolve', severity: 'warn', reading: 0.7, sinceMs: START_MS + 3000 },
    ]);
    expect(cpu.effects[1]!.episode).toBe(cpu.effects[0]!.episode);
    expect(cpu.memory()).not.toBe(WELL);
  });

  it('say that it got worse once, and nothing when it gets better', () => {
    const cpu = alertTimeline();
    const types = [0.85, 0.96, 0.89, 0.97, 0.85].map((reading, index) => cpu.observe(index * 3, reading));
    expect(types).toEqual(['open', 'worsen', '', '', '']);
    expect(cpu.memory().episode?.severity).toBe('warn');
  });

  it('may be for low values', () => {
    const low = { warn: { on: 0.05, off: 0.08 }, crit: { on: 0.02, off: 0.04 } };
    const memory = alertTimeline(cpuRule(low));
    const types = [0.06, 0.05, 0.07, 0.02, 0.03, 0.08].map((value, index) =>
      memory.observe(index * 3, value),
    );
    expect(types).toEqual(['', 'open', '', 'worsen', '', 'resolve']);
  });
});

describe('for and keepFor', () => {
  it('wait until the condition has held, and has not', () => {
    const cpu = alertTimeline(cpuRule({ for: '1m', keepFor: '2m' }));
    expect([cpu.observe(0, 0.9), cpu.status()]).toEqual(['', 'pending']);
    expect([cpu.observe(30, 0.5), cpu.status()]).toEqual(['', 'ok']);
    expect(cpu.observe(60, 0.9)).toBe('');
    expect(cpu.observe(119, 0.9)).toBe('');
    expect([cpu.observe(120, 0.9), cpu.status()]).toEqual(['open', 'firing']);
    expect([cpu.observe(150, 0.5), cpu.status()]).toEqual(['', 'recovering']);
    expect([cpu.observe(200, 0.9), cpu.status()]).toEqual(['', 'firing']);
    expect(cpu.observe(210, 0.5)).toBe('');
    expect([cpu.observe(330, 0.5), cpu.status()]).toEqual(['resolve', 'ok']);
  });
});

describe('a clock that is set back', () => {
  it('delays an alert, and does not hold it up for ever', () => {
    const cpu = alertTimeline(cpuRule({ for: '1m' }));
    expect([cpu.observe(7200, 0.9), cpu.observe(0, 0.9), cpu.observe(59, 0.9)]).toEqual(['', '', '']);
    expect(cpu.observe(60, 0.9)).toBe('open');
  });
});

describe('missing data', () => {
  it('changes nothing by default, and never resolves', () => {
    const cpu = alertTimeline(cpuRule({ keepFor: '1m' }));
    expect(cpu.observe(0, 0.9)).toBe('open');
    expect(cpu.observe(3, 0.5)).toBe('');
    for (let minute = 1; minute < 60; minute += 1) expect(cpu.observe(minute * MINUTE, null)).toBe('');
    expect(cpu.status()).toBe('unknown');
    expect([cpu.observe(3600, 0.5), cpu.status()]).toEqual(['', 'recovering']);
    expect(cpu.observe(3660, 0.5)).toBe('resolve');
  });

  it('does not count as time in which a condition held', () => {
    const cpu = alertTimeline(cpuRule({ for: '1m' }));
    const types = [cpu.observe(0, 0.9), cpu.observe(30, null), cpu.observe(90, 0.9), cpu.observe(120, 0.9)];
    expect(types).toEqual(['', '', '', '']);
    expect(cpu.observe(150, 0.9)).toBe('open');
  });

  it('is the worst severity with noData: alert, and ends with the first value', () => {
    const cpu = alertTimeline(cpuRule({ noData: 'alert' }));
    expect([cpu.observe(0, null), cpu.status()]).toEqual(['open', 'unknown']);
    expect(cpu.effects[0]).toMatchObject({ severity: 'crit', reading: null });
    expect(cpu.observe(3, 0.79)).toBe('resolve');
  });

  it('gives reminders with noData: alert', () => {
    const cpu = alertTimeline(cpuRule({ noData: 'alert', repeat: '1h' }));
    expect([cpu.observe(0, null), cpu.observe(3600, null)]).toEqual(['open', 'reminder']);
  });

  it('is well with noData: ok', () => {
    const cpu = alertTimeline(cpuRule({ noData: 'ok' }));
    expect([cpu.observe(0, 0.9), cpu.observe(3, null)]).toEqual(['open', 'resolve']);
  });

  it('means nothing while the hub is blind', () => {
    for (const noData of ['alert', 'ok'] as const) {
      const cpu = alertTimeline(cpuRule({ noData }));
      expect(cpu.observe(0, 0.9)).toBe('open');
      expect(cpu.observe(3, null, 'hub_blind')).toBe('');
      // Still above off: nothing said meanwhile that it was well.
      expect(cpu.observe(6, 0.75)).toBe('');
    }
  });
});

describe('reminders', () => {
  it('come after each repeat, until somebody acknowledges', () => {
    const cpu = alertTimeline(cpuRule({ repeat: '1h' }));
    const types = [0, 59, 60, 119, 120].map((minute) => cpu.observe(minute * MINUTE, 0.9));
    expect(types).toEqual(['open', '', 'reminder', '', 'reminder']);
    cpu.acknowledge(121 * MINUTE);
    expect(cpu.observe(500 * MINUTE, 0.9)).toBe('');
    expect(cpu.memory().episode?.acknowledged).toEqual({ atMs: START_MS + 121 * 60_000, by: 'ann' });
    expect(cpu.observe(501 * MINUTE, 0.97)).toBe('worsen');
    expect(cpu.observe(502 * MINUTE, 0.5)).toBe('resolve');
    expect(cpu.observe(503 * MINUTE, 0.9)).toBe('open');
    expect(cpu.observe(563 * MINUTE, 0.9)).toBe('reminder');
  });

  it('do not come while the alert recovers or is unknown', () => {
    const cpu = alertTimeline(cpuRule({ repeat: '1h', keepFor: '2h' }));
    const types = [cpu.observe(0, 0.9), cpu.observe(3600, null), cpu.observe(3603, 0.5)];
    expect(types).toEqual(['open', '', '']);
    expect(cpu.observe(3606, 0.9)).toBe('reminder');
  });
});

describe('the escalation chain', () => {
  const escalate = [
    { after: '15m', channels: ['lead'] },
    { after: '30m', channels: ['boss'] },
  ];

  it('notifies further channels, once each, while nobody acknowledges', () => {
    const cpu = alertTimeline(cpuRule({ escalate }));
    const types = [0, 14, 15, 29, 30, 600].map((minute) => cpu.observe(minute * MINUTE, 0.9));
    expect(types).toEqual(['open', '', 'escalate', '', 'escalate', '']);
    expect(cpu.effects.map(({ channels }) => channels.join())).toEqual(['ops', 'lead', 'boss']);
  });

  it('starts again with the summary after quiet hours', () => {
    const cpu = alertTimeline(cpuRule({ escalate }));
    const types = [
      cpu.observe(0, 0.9),
      cpu.observe(8 * 3600, 0.9, 'quiet_hours'),
      cpu.observe(9 * 3600, 0.9),
    ];
    expect(types).toEqual(['open', '', 'summary']);
    expect(cpu.observe(9 * 3600 + 14 * MINUTE, 0.9)).toBe('');
    expect(cpu.observe(9 * 3600 + 15 * MINUTE, 0.9)).toBe('escalate');
  });

  it('stops when somebody acknowledges', () => {
    const cpu = alertTimeline(cpuRule({ escalate }));
    cpu.observe(0, 0.9);
    cpu.acknowledge(MINUTE);
    expect(cpu.observe(20 * MINUTE, 0.9)).toBe('');
  });
});

describe('flapping', () => {
  it('is one message at the fourth change in 30 minutes, then silence until it is steady', () => {
    const cpu = alertTimeline();
    const changes = [0.9, 0.5, 0.9, 0.5, 0.9, 0.5].map((reading, minute) =>
      cpu.observe(minute * MINUTE, reading),
    );
    expect(changes).toEqual(['open', 'resolve', 'open', 'flapping', '', '']);
    expect(cpu.status()).toBe('flapping');
    // Changes while flapping have doubled the wait, from 30 minutes to an hour at most.
    expect(cpu.observe(64 * MINUTE, 0.5)).toBe('');
    expect([cpu.observe(65 * MINUTE, 0.5), cpu.status()]).toEqual(['resolve', 'ok']);
  });

  it('that soon comes back is flapping at once', () => {
    const cpu = alertTimeline();
    [0.9, 0.5, 0.9, 0.5].map((reading, minute) => cpu.observe(minute * MINUTE, reading));
    expect([cpu.observe(32 * MINUTE, 0.5), cpu.observe(33 * MINUTE, 0.5)]).toEqual(['', 'resolve']);
    expect(cpu.observe(34 * MINUTE, 0.9)).toBe('flapping');
    expect([cpu.observe(93 * MINUTE, 0.9), cpu.observe(94 * MINUTE, 0.9)]).toEqual(['', 'summary']);
  });

  it('that becomes steady while it fires says so', () => {
    const cpu = alertTimeline();
    [0.9, 0.5, 0.9, 0.5, 0.9].map((reading, minute) => cpu.observe(minute * MINUTE, reading));
    expect(cpu.observe(63 * MINUTE, 0.9)).toBe('');
    expect(cpu.observe(64 * MINUTE, 0.9)).toBe('summary');
    expect(cpu.status()).toBe('firing');
  });

  it('is not steady without data', () => {
    const cpu = alertTimeline();
    [0.9, 0.5, 0.9, 0.5].map((reading, minute) => cpu.observe(minute * MINUTE, reading));
    for (let minute = 4; minute < 90; minute += 1) expect(cpu.observe(minute * MINUTE, null)).toBe('');
    expect(cpu.observe(90 * MINUTE, 0.5)).toBe('');
    expect(cpu.observe(118 * MINUTE, 0.5)).toBe('');
    expect(cpu.observe(119 * MINUTE, 0.5)).toBe('resolve');
  });

  it('is not what slow changes do', () => {
    const cpu = alertTimeline();
    const types = [0.9, 0.5, 0.9, 0.5, 0.9].map((reading, index) =>
      cpu.observe(index * 11 * MINUTE, reading),
    );
    expect(types).toEqual(['open', 'resolve', 'open', 'resolve', 'open']);
  });

  it.each([1, 3.58, 9])('sends at most 6 messages a day for a change each %s minutes', (minutes) => {
    const app = alertTimeline(cpuRule({ repeat: '1h' }));
    for (let second = 0; second < 86_400; second += 3) {
      app.observe(second, Math.floor(second / (minutes * MINUTE)) % 2 === 0 ? 0.5 : 0.99);
    }
    expect(app.effects.length).toBeLessThanOrEqual(6);
  });
});

describe('a mute', () => {
  it('says nothing, and gives one summary if the alert still fires afterwards', () => {
    const cpu = alertTimeline(cpuRule({ repeat: '1h' }));
    expect(cpu.observe(0, 0.9, 'quiet_hours')).toBe('');
    expect(cpu.observe(7200, 0.9, 'quiet_hours', 'silence')).toBe('');
    expect(cpu.observe(7203, 0.9, 'silence')).toBe('');
    expect([cpu.observe(7206, 0.9), cpu.observe(7209, 0.9)]).toEqual(['summary', '']);
    expect(cpu.observe(7212, 0.5)).toBe('resolve');
  });

  it('leaves no trace of what began and ended in it', () => {
    const cpu = alertTimeline();
    expect([cpu.observe(0, 0.9, 'silence'), cpu.status()]).toEqual(['', 'firing']);
    expect(cpu.observe(3, 0.5, 'silence')).toBe('');
    expect(cpu.memory()).toBe(WELL);
    expect(cpu.observe(6, 0.5)).toBe('');
  });

  it('delays the end of what people know of', () => {
    const cpu = alertTimeline();
    expect(cpu.observe(0, 0.9)).toBe('open');
    expect([cpu.observe(3, 0.5, 'quiet_hours'), cpu.status()]).toEqual(['', 'recovering']);
    expect(cpu.observe(6, 0.9, 'quiet_hours')).toBe('');
    expect(cpu.observe(9, 0.5, 'quiet_hours')).toBe('');
    expect([cpu.observe(12, 0.5), cpu.status()]).toEqual(['resolve', 'ok']);
  });

  it('that people did not set does not repeat what they know', () => {
    const cpu = alertTimeline();
    const types = [cpu.observe(0, 0.9), cpu.observe(3, null, 'host_offline'), cpu.observe(6, 0.9)];
    expect(types).toEqual(['open', '', '']);
    expect(cpu.observe(9, 0.97, 'host_offline')).toBe('');
    expect(cpu.observe(12, 0.97)).toBe('worsen');
  });

  it('needs no summary of what people know and somebody acknowledged', () => {
    const cpu = alertTimeline();
    cpu.observe(0, 0.9);
    cpu.acknowledge(3);
    expect([cpu.observe(6, 0.9, 'quiet_hours'), cpu.observe(9, 0.9)]).toEqual(['', '']);
    expect(cpu.observe(12, 0.5)).toBe('resolve');
  });
});

describe('a subject that is no longer watched', () => {
  it('resolves what people know of, muted or not', () => {
    const context = cpuRule();
    const cpu = alertTimeline(context);
    cpu.observe(0, 0.9);
    cpu.observe(3, 0.9, 'silence');
    const { memory, effects } = close(cpu.memory(), START_MS + 6000, context);
    expect(memory).toBe(WELL);
    expect(effects).toMatchObject([{ type: 'resolve', episode: cpu.effects[0]!.episode }]);
    expect(close(WELL, START_MS, context).effects).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  it('of another episode changes nothing', () => {
    const cpu = alertTimeline();
    cpu.observe(0, 0.9);
    const memory = cpu.memory();
    const input = { type: 'acknowledge', atMs: START_MS, episode: 'other', by: 'ann' } as const;
    expect(advance(memory, input, cpuRule()).memory).toBe(memory);
  });
});

describe('the memory', () => {
  it('of a subject that is well is one object', () => {
    const cpu = alertTimeline();
    cpu.observe(0, 0.1);
    expect(cpu.memory()).toBe(WELL);
    cpu.observe(3, null);
    const unknown = cpu.memory();
    cpu.observe(6, null);
    expect(cpu.memory()).toBe(unknown);
    cpu.observe(9, 0.1);
    expect(cpu.memory()).toBe(WELL);
  });

  it('stays the same object while nothing changes', () => {
    const cpu = alertTimeline(cpuRule({ for: '1m' }));
    for (const [second, reading] of [
      [0, 0.9],
      [60, 0.9],
      [120, null],
    ] as const) {
      cpu.observe(second, reading);
      const memory = cpu.memory();
      cpu.observe(second + 3, reading);
      expect(cpu.memory()).toBe(memory);
    }
  });

  it('forgets changes after half an hour', () => {
    const cpu = alertTimeline();
    cpu.observe(0, 0.9);
    cpu.observe(3, 0.5);
    cpu.observe(30 * MINUTE, 0.5);
    expect(cpu.memory()).not.toBe(WELL);
    cpu.observe(30 * MINUTE + 3, 0.5);
    expect(cpu.memory()).toBe(WELL);
  });

  it('has a schema', () => {
    const cpu = alertTimeline();
    cpu.observe(0, 0.9, 'silence');
    expect(alertMemorySchema.parse(JSON.parse(JSON.stringify(cpu.memory())))).toEqual(cpu.memory());
  });
});
