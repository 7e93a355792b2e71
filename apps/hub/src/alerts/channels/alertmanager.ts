import { z } from 'zod';
import { authorizationOf, httpChannel, jsonRequest } from './channel.ts';
import { allowPrivateField, authorizationField, serverField } from './settings-fields.ts';

/**
 * Alertmanager resolves alerts that nobody sends again within `resolve_timeout`, unless they say
 * when they end. Booner sends a transition once, so it says: in a week. Reminders move that on.
 */
const ENDS_AFTER_MS = 7 * 24 * 60 * 60_000;

const settings = z.strictObject({
  type: z.literal('alertmanager'),
  server: serverField('http://alertmanager.example.org:9093', 'URL of the Alertmanager'),
  authorization: authorizationField,
  allowPrivate: allowPrivateField,
});

/**
 * Posts an alert per target to the API v2 of Alertmanager:
 * https://prometheus.io/docs/alerting/latest/alerts_api. The labels identify an alert, so a second
 * one with the same labels changes the first.
 */
export const alertmanager = httpChannel({
  title: 'Alertmanager',
  settings,
  secrets: ['authorization'],
  destination: ['server'],
  opensIncidents: true,
  render(notification, { server, authorization }) {
    const { at, rule, runbook, severity, status, targets, text, threshold, title, url } = notification;
    const endsAt = status === 'resolved' ? at : new Date(Date.parse(at) + ENDS_AFTER_MS).toISOString();
    const alerts = targets.map((target) => ({
      labels: {
        ...labelsOf(target.labels),
        alertname: rule,
        instance: target.host ?? target.name,
        severity: severity === 'crit' ? 'critical' : 'warning',
      },
      annotations: {
        summary: title,
        description: text,
        value: target.valueText,
        ...(threshold === null ? {} : { threshold }),
        ...(runbook === null ? {} : { runbook_url: runbook }),
      },
      startsAt: target.since,
      endsAt,
      generatorURL: url,
    }));
    return jsonRequest(`${server}/api/v2/alerts`, alerts, authorizationOf(authorization));
  },
});

/** Labels as Prometheus names them: letters, digits and underscores. */
const labelsOf = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key.replaceAll(/[^a-zA-Z0-9_]/g, '_'), value]),
  );
