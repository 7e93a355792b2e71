import type { AlertEffect, AlertEffectType } from '@booner/protocol';
import { parseHostId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import {
  type AlertNotification,
  collectEffects,
  dueAt,
  EMPTY_GROUP,
  flushGroup,
  groupKeys,
  trackEffects,
} from './group-alerts.ts';

const effect = (type: AlertEffectType, host: number, changes: Partial<AlertEffect> = {}): AlertEffect => ({
  type,
  rule: 'host-offline',
  host: parseHostId(`10.0.0.${host}`)!,
  device: null,
  episode: `episode-${host}`,
  severity: 'crit',
  atMs: 0,
  sinceMs: 0,
  reading: 1,
  channels: ['ops'],
  ...changes,
});

/** One group over time. Notifications are `second: kind × alerts`. */
function groupTimeline(nextOpenMs: (atMs: number) => number | null = () => null) {
  let memory = EMPTY_GROUP;
  let nowMs = 0;
  const notifications: AlertNotification[] = [];
  const flush = (atMs: number) => {
    const flushed = flushGroup(memory, 'rack-b', atMs, nextOpenMs(atMs));
    // A memory may pass through Redis at any time.
    memory = JSON.parse(JSON.stringify(flushed.memory));
    notifications.push(...flushed.notifications);
  };
  const passTo = (second: number) => {
    for (; nowMs < second * 1000; nowMs += 100) flush(nowMs);
  };
  return {
    passTo,
    notifications,
    memory: () => memory,
    dueAt: () => dueAt(memory, nextOpenMs(nowMs)),
    take(second: number, ...effects: AlertEffect[]) {
      passTo(second);
      memory = collectEffects(memory, effects, nowMs);
    },
    texts: () =>
      notifications.map(
        ({ atMs, kind, alerts }) => `${(atMs / 1000).toFixed(1)}: ${kind} × ${alerts.length}`,
      ),
  };
}

describe('a group', () => {
  it('of one alert is notified within a second', () => {
    const group = groupTimeline();
    group.take(1, effect('open', 1));
    expect(group.dueAt()).toBe(1500);
    group.take(60, effect('resolve', 1));
    group.passTo(61);
    expect(group.texts()).toEqual(['1.5: firing × 1', '60.0: resolved × 1']);
    group.passTo(100);
    expect(group.memory()).toEqual(EMPTY_GROUP);
  });

  it('of 37 hosts that go offline within an interval is one message, and one when all are back', () => {
    const group = groupTimeline();
    for (let host = 0; host < 37; host += 1) group.take(1 + host * 0.1, effect('open', host));
    for (let host = 0; host < 37; host += 1) group.take(600 + host * 7, effect('resolve', host));
    group.passTo(2000);
    expect(group.texts()).toEqual(['5.1: firing × 37', '852.0: resolved × 37']);
    expect(group.notifications.map(({ severity, openCount }) => [severity, openCount])).toEqual([
      ['crit', 37],
      ['crit', 0],
    ]);
  });

  it('waits for alerts that are about to fire, but at most 30 seconds', () => {
    const pendingUntil = (second: number) => (atMs: number) => (atMs < second * 1000 ? second * 1000 : null);
    const soon = groupTimeline(pendingUntil(8));
    soon.take(1, effect('open', 1));
    soon.take(8, effect('open', 2));
    soon.passTo(20);
    expect(soon.texts()).toEqual(['8.5: firing × 2']);
    const always = groupTimeline((atMs) => atMs + 100);
    always.take(1, effect('open', 1));
    always.passTo(60);
    expect(always.texts()).toEqual(['31.0: firing × 1']);
  });

  it('has 30 seconds between two notifications', () => {
    const group = groupTimeline();
    for (const host of [1, 4, 7, 20]) group.take(host, effect('open', host));
    group.passTo(60);
    expect(group.texts()).toEqual(['1.5: firing × 1', '31.5: firing × 3']);
  });

  it('is not back while another alert waits to be said', () => {
    const group = groupTimeline();
    group.take(1, effect('open', 1));
    group.take(5, effect('open', 2));
    group.take(6, effect('resolve', 1));
    group.take(60, effect('resolve', 2));
    group.passTo(61);
    expect(group.texts()).toEqual(['1.5: firing × 1', '31.5: firing × 1', '60.0: resolved × 2']);
  });

  it('tells of hosts that are back if others stay away', () => {
    const group = groupTimeline();
    group.take(1, ...[1, 2, 3, 4].map((host) => effect('open', host)));
    group.take(100, effect('resolve', 1));
    group.take(200, effect('resolve', 2));
    group.passTo(600);
    expect(group.texts()).toEqual(['1.5: firing × 4', '500.0: resolved × 2']);
    expect(group.notifications[1]!.openCount).toBe(2);
  });

  it('says nothing of what began and ended while it waited', () => {
    const group = groupTimeline(() => 20_000);
    group.take(1, effect('open', 1), effect('open', 2));
    group.take(2, effect('resolve', 1));
    group.passTo(60);
    expect(group.texts()).toEqual(['20.5: firing × 1']);
    group.take(61, effect('resolve', 2));
    group.passTo(62);
    expect(group.texts().slice(1)).toEqual(['61.0: resolved × 1']);
  });

  it('says the latest of each alert, by kind and channels', () => {
    const group = groupTimeline();
    group.take(
      1,
      effect('open', 1, { severity: 'warn' }),
      effect('worsen', 1),
      effect('open', 2),
      effect('flapping', 2),
      effect('reminder', 3),
      effect('escalate', 4, { channels: ['boss'] }),
    );
    group.passTo(2);
    expect(group.texts()).toEqual([
      '1.5: firing × 1',
      '1.5: flapping × 1',
      '1.5: reminder × 1',
      '1.5: escalated × 1',
    ]);
    expect(group.notifications.map(({ channels }) => channels.join())).toEqual(['ops', 'ops', 'ops', 'boss']);
    expect(new Set(group.notifications.map(({ id }) => id)).size).toBe(4);
  });

  it('has the same ids if it is evaluated again', () => {
    const ids = () => {
      const group = groupTimeline();
      group.take(1, effect('open', 1));
      group.passTo(2);
      return group.notifications.map(({ id }) => id);
    };
    expect(ids()).toEqual(ids());
  });
});

describe('the summary after quiet hours', () => {
  it('is one message for all rules with the same channels', () => {
    const keys = [
      effect('summary', 1),
      effect('summary', 2, { rule: 'disk-usage' }),
      effect('summary', 2, { channels: ['dba'] }),
    ].map((summary) => groupKeys(summary, 'b').collectIn);
    expect(new Set(keys).size).toBe(2);
  });

  it('leaves the alerts in the groups of their rules, which say when all are back', () => {
    const group = groupTimeline();
    const summaries = [effect('summary', 1), effect('summary', 2)];
    const { trackIn, collectIn } = groupKeys(summaries[0]!, 'b');
    expect([trackIn, collectIn]).toEqual([
      groupKeys(effect('open', 1), 'b').collectIn,
      '["summary",["ops"]]',
    ]);
    let memory = trackEffects(EMPTY_GROUP, summaries);
    memory = collectEffects(memory, [effect('resolve', 1)], 1000);
    expect(flushGroup(memory, trackIn, 1000, null).notifications).toEqual([]);
    memory = collectEffects(memory, [effect('resolve', 2)], 2000);
    expect(flushGroup(memory, trackIn, 2000, null).notifications).toMatchObject([
      { kind: 'resolved', alerts: [{ host: '10.0.0.1' }, { host: '10.0.0.2' }] },
    ]);
    group.take(1, ...summaries);
    group.passTo(2);
    expect(group.texts()).toEqual(['1.5: summary × 2']);
    expect(group.memory().open).toEqual([]);
  });
});
