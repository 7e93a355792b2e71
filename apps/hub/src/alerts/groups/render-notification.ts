import {
  type AlertEffect,
  type HostId,
  type Labels,
  MAX_NOTIFICATION_TARGETS,
  type Notification,
  notificationSchema,
  parseFleetDevice,
} from '@booner/protocol';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { readingText, subjectTitle, thresholdText } from '../view/alert-texts.ts';
import { type AlertNotification, ruleGroupOf } from './group-alerts.ts';

/** Targets with a chart in a message. */
const MAX_CHARTS = 5;
/** The page of a target opens with this much before and after the event. */
const AROUND_MS = 30 * 60_000;

export type RenderDeps = {
  /** `null`: the rule was removed. */
  readonly ruleOf: (name: string) => CompiledRule | null;
  readonly targetOf: (host: HostId) => { readonly label: string | null; readonly labels: Labels } | null;
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  /** Creates a link that acknowledges episodes. */
  readonly acknowledgeUrl: (episodes: readonly string[]) => Promise<string>;
  readonly chartOf: (alert: AlertEffect, rule: CompiledRule) => Promise<string | null>;
};

/** Writes a notification for people. Rejects with BusError. */
export async function renderNotification(
  { id, kind, group, severity, atMs, alerts, openCount }: AlertNotification,
  { ruleOf, targetOf, hubUrl, acknowledgeUrl, chartOf }: RenderDeps,
): Promise<Notification> {
  const first = alerts[0]!;
  const isResolved = kind === 'resolved';
  const listed = alerts.slice(0, MAX_NOTIFICATION_TARGETS);
  const charts = await Promise.all(
    listed.slice(0, MAX_CHARTS).map((alert) => {
      const rule = ruleOf(alert.rule);
      return rule === null ? null : chartOf(alert, rule);
    }),
  );
  const rules = [...new Set(alerts.map((alert) => alert.rule))];
  const rule = rules.length === 1 ? ruleOf(first.rule) : null;
  const nameOf = ({ host, device }: AlertEffect) =>
    host === null ? (device ?? 'the fleet') : (targetOf(host)?.label ?? host);
  const targets = listed.map((alert, index) => {
    const of = ruleOf(alert.rule);
    const text = of === null ? '' : readingText(of, alert.reading);
    const title = of === null ? alert.rule : subjectTitle(of, alert);
    const isState = of?.condition.type === 'state';
    return {
      host: alert.host,
      name: nameOf(alert),
      labels: alert.host === null ? {} : { ...targetOf(alert.host)?.labels },
      value: isState ? null : alert.reading,
      valueText:
        alert.host === null
          ? // Its name says what it is about.
            text || title
          : isState || rule === null
            ? [title, isState ? '' : text].filter(Boolean).join(', ')
            : withDevice(alert, text),
      since: new Date(alert.sinceMs).toISOString(),
      sparkline: charts[index] ?? null,
    };
  });
  const hosts = new Set(alerts.map(({ host }) => host));
  const place = first.host === null ? null : (ruleGroupOf(group)?.value ?? null);
  const isOne = alerts.length === 1;
  const title =
    rules.length > 1
      ? `${rules.length} rules`
      : rule === null
        ? first.rule
        : subjectTitle(rule, isOne ? first : { device: null });
  const where = whereOf(alerts, hosts.size === 1 ? nameOf(first) : `${hosts.size} targets`);
  const canAcknowledge = !isResolved && kind !== 'flapping';
  return notificationSchema.parse({
    id,
    episode: first.episode,
    kind: kind === 'escalated' ? 'firing' : kind,
    rule: rules.join(', '),
    severity,
    status: isResolved ? 'resolved' : 'firing',
    at: new Date(atMs).toISOString(),
    targets,
    targetCount: alerts.length,
    title: `${title}${where}${place === null ? '' : ` (${place})`}`,
    text: textOf({ kind, openCount, count: alerts.length }),
    threshold: rule === null ? null : thresholdText(rule, severity),
    url: urlOf(hubUrl, alerts, atMs),
    acknowledgeUrl: canAcknowledge ? await acknowledgeUrl(alerts.map(({ episode }) => episode)) : null,
    runbook: rule?.runbook ?? null,
  } satisfies Notification);
}

/** Alerts about rollouts and schedules have no place: their titles say what they are about. */
function whereOf(alerts: readonly AlertEffect[], place: string): string {
  if (alerts.some(({ host }) => host !== null)) return ` on ${place}`;
  return alerts.length === 1 ? '' : `: ${alerts.length} of them`;
}

const withDevice = ({ device }: AlertEffect, text: string): string =>
  device === null ? text : `${device} ${text}`;

function textOf({
  kind,
  openCount,
  count,
}: Pick<AlertNotification, 'kind' | 'openCount'> & { readonly count: number }): string {
  const others = openCount - (kind === 'resolved' ? 0 : count);
  const more =
    others > 0
      ? `${others} more ${others === 1 ? 'alert' : 'alerts'} of this group still ${others === 1 ? 'fires' : 'fire'}.`
      : '';
  switch (kind) {
    case 'firing':
    case 'resolved':
      return more;
    case 'escalated':
      return ['Nobody has acknowledged it.', more].filter(Boolean).join(' ');
    case 'reminder':
      return ['It still fires, and nobody has acknowledged it.', more].filter(Boolean).join(' ');
    case 'summary':
      return 'It fires after a time in which nothing was said about it: a silence, quiet hours, or something that it depends on.';
    case 'flapping':
      return 'It changed four times in half an hour. Nothing more is said until it is steady.';
    default:
      return kind satisfies never;
  }
}

/**
 * One target opens at the time of the event, and a rollout or a schedule its page. Several open the
 * list of alerts.
 */
function urlOf(hubUrl: string, alerts: readonly AlertEffect[], atMs: number): string {
  const [first] = alerts;
  const { host, device } = first!;
  if (host === null && alerts.length === 1) {
    return `${hubUrl}dashboard/${pageOf(device)}`;
  }
  if (host === null || alerts.some((alert) => alert.host !== host)) return `${hubUrl}dashboard/alerts`;
  const [from, to] = [first!.sinceMs - AROUND_MS, atMs + AROUND_MS];
  return `${hubUrl}dashboard/targets/${encodeURIComponent(host)}?from=${from}&to=${to}`;
}

function pageOf(device: string | null): string {
  const about = parseFleetDevice(device ?? '');
  if (about === null) return 'alerts';
  return about.type === 'rollout' ? `rollouts/${about.id}` : `schedules/${encodeURIComponent(about.name)}`;
}
