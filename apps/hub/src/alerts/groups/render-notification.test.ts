import { type AlertEffect, type AlertRuleInput, alertRuleSchema, parseHostId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../channels/message.ts';
import { compileRule } from '../rules/compile-rule.ts';
import type { AlertNotification } from './group-alerts.ts';
import { renderNotification } from './render-notification.ts';

const START_MS = Date.UTC(2026, 10, 30, 14, 2);
const RULES: readonly AlertRuleInput[] = [
  { name: 'host-offline', selector: '*', when: { state: 'offline' } },
  { name: 'approval', selector: '*', when: { state: 'rollout_approval' }, severity: 'warn' },
  {
    name: 'disk',
    selector: '*',
    when: { metric: 'fileSystemUsageRatio', function: 'last' },
    warn: { on: 0.9, off: 0.85 },
    runbook: 'https://wiki.example.org/disk',
  },
];
const rules = new Map(RULES.map((rule) => [rule.name, compileRule(alertRuleSchema.parse(rule))]));

const effect = (index: number, changes: Partial<AlertEffect> = {}): AlertEffect => ({
  type: 'open',
  rule: 'host-offline',
  host: parseHostId(`10.0.0.${index}`)!,
  device: null,
  episode: `episode-${index}`,
  severity: 'crit',
  atMs: START_MS + 60_000,
  sinceMs: START_MS,
  reading: 1,
  channels: [],
  ...changes,
});
const DISK = { rule: 'disk', device: '/srv', reading: 0.934, severity: 'warn' } as const;

function render(alerts: readonly AlertEffect[], changes: Partial<AlertNotification> = {}) {
  const links: (readonly string[])[] = [];
  const notification = renderNotification(
    {
      id: 'n1',
      kind: 'firing',
      group: JSON.stringify(['rule', alerts[0]!.rule, null]),
      severity: alerts[0]!.severity,
      atMs: START_MS + 61_000,
      channels: [],
      alerts,
      openCount: alerts.length,
      ...changes,
    },
    {
      ruleOf: (name) => rules.get(name) ?? null,
      targetOf: (host) => ({ label: host === '10.0.0.2' ? 'db-1' : null, labels: { role: 'db' } }),
      hubUrl: 'https://hub.example.org/',
      acknowledgeUrl: async (episodes) => {
        links.push(episodes);
        return 'https://hub.example.org/acknowledge#secret';
      },
      chartOf: async () => '▁▂▃',
    },
  );
  return { notification, links };
}

describe('a notification', () => {
  it('says what, where, since when, the value against its threshold, with links', async () => {
    const { notification, links } = render([effect(2, DISK)]);
    const { headline, body, links: shown } = messageOf(await notification);
    expect(headline).toBe('[warn] File system usage of /srv on db-1');
    expect(body).toBe('• db-1 (10.0.0.2): /srv 93 % (over 90 %), since 2026-11-30 14:02 UTC ▁▂▃');
    expect(shown.map(({ text }) => text)).toEqual(['Open in Booner', 'Acknowledge', 'Runbook']);
    expect(shown[0]?.url).toBe(
      `https://hub.example.org/dashboard/targets/10.0.0.2?from=${START_MS - 1_800_000}&to=${START_MS + 1_861_000}`,
    );
    expect(links).toEqual([['episode-2']]);
  });

  it('names one state, without a value', async () => {
    const { targets, title, threshold } = await render([effect(2)]).notification;
    expect(title).toBe('Host is offline on db-1');
    expect(targets).toMatchObject([{ value: null, valueText: 'Host is offline', labels: { role: 'db' } }]);
    expect(threshold).toBeNull();
  });

  it('of a rollout or a schedule opens its page, and of several the alerts', async () => {
    const id = 'V1StGXR8_Z5jdHi6B-myT';
    const group = JSON.stringify(['rule', 'approval', `web.deploy ${id} batch 1`]);
    const of = (device: string) => effect(2, { rule: 'approval', host: null, device, severity: 'warn' });
    const one = render([of(`web.deploy ${id} batch 1`)], { group });
    const { headline, body, links } = messageOf(await one.notification);
    expect(headline).toBe(`[warn] Rollout waits for approval: web.deploy ${id} batch 1`);
    expect(body).toBe(`• web.deploy ${id} batch 1: waiting, since 2026-11-30 14:02 UTC ▁▂▃`);
    expect(links[0]?.url).toBe(`https://hub.example.org/dashboard/rollouts/${id}`);
    const two = await render([of('nightly'), of('weekly')]).notification;
    expect([two.title, two.url]).toEqual([
      'Rollout waits for approval: 2 of them',
      'https://hub.example.org/dashboard/alerts',
    ]);
    const nightly = await render([of('nightly')]).notification;
    expect(nightly.url).toBe('https://hub.example.org/dashboard/schedules/nightly');
  });

  it('counts targets, and those that fire beside them', async () => {
    const alerts = Array.from({ length: 250 }, (_, index) => effect(index % 200));
    const { targets, targetCount, title, text, url } = await render(alerts, { openCount: 252 }).notification;
    expect(targets).toHaveLength(200);
    expect(targetCount).toBe(250);
    expect(title).toBe('Host is offline on 200 targets');
    expect(text).toBe('2 more alerts of this group still fire.');
    expect(url).toBe('https://hub.example.org/dashboard/alerts');
  });

  it('names the label value of its group', async () => {
    const group = JSON.stringify(['rule', 'host-offline', 'rack-4']);
    const { title } = await render([effect(2), effect(3)], { group }).notification;
    expect(title).toBe('Host is offline on 2 targets (rack-4)');
  });

  it('of a resolved alert has nothing to acknowledge', async () => {
    const { notification, links } = render([effect(2, { type: 'resolve' })], {
      kind: 'resolved',
      openCount: 0,
    });
    expect(await notification).toMatchObject({ kind: 'resolved', status: 'resolved', acknowledgeUrl: null });
    expect(links).toEqual([]);
  });

  it('of several rules names them', async () => {
    const group = JSON.stringify(['summary', []]);
    const alerts = [effect(2, { type: 'summary' }), effect(3, { ...DISK, type: 'summary' })];
    const { title, rule, targets, runbook } = await render(alerts, { kind: 'summary', group }).notification;
    expect(title).toBe('2 rules on 2 targets');
    expect(rule).toBe('host-offline, disk');
    expect(targets.map(({ valueText }) => valueText)).toEqual([
      'Host is offline',
      'File system usage of /srv, 93 %',
    ]);
    expect(runbook).toBeNull();
  });

  it('of a step of the escalation chain is firing, for those who hear of it first', async () => {
    const { kind, text } = await render([effect(2, { type: 'escalate' })], { kind: 'escalated' })
      .notification;
    expect([kind, text]).toEqual(['firing', 'Nobody has acknowledged it.']);
  });

  it('survives the removal of its rule', async () => {
    const { title } = await render([effect(2, { rule: 'gone' })]).notification;
    expect(title).toBe('gone on db-1');
  });
});
