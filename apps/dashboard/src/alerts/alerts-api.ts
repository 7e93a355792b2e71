import { BoonerError } from '@booner/client';
import type {
  Alert,
  AlertPage,
  AlertRuleInput,
  ChannelList,
  ChannelTrial,
  DeliveryList,
  HeartbeatList,
  ListedChannel,
  ListedRule,
  Problem,
  QuietHours,
  QuietHoursList,
  RuleList,
  RuleTrial,
  SavedHeartbeat,
  Silence,
  SilenceList,
} from '@booner/protocol';

type Call = { readonly signal?: AbortSignal | undefined };
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

async function call<T>(method: Method, path: string, body?: unknown, { signal }: Call = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: signal ?? null,
    });
  } catch (cause) {
    throw new BoonerError('unreachable', 'the hub cannot be reached', { cause });
  }
  const text = await response.text();
  const answer = text === '' ? null : (JSON.parse(text) as unknown);
  if (response.ok) return answer as T;
  const problem = answer as Problem | null;
  throw new BoonerError('invalid', problem?.detail ?? `status ${response.status}`, {
    status: response.status,
    problem,
  });
}

const named = (path: string, name: string) => `${path}/${encodeURIComponent(name)}`;

export type AlertQuery = {
  readonly status?: 'firing' | 'resolved';
  readonly rule?: string | undefined;
  readonly host?: string | undefined;
  readonly limit?: number;
  readonly before?: string | undefined;
};

export const alertsApi = {
  listAlerts(query: AlertQuery, options?: Call) {
    const search = new URLSearchParams(
      Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    );
    return call<AlertPage>('GET', `/alerts?${search}`, undefined, options);
  },
  acknowledgeAlert: (id: string) => call<Alert>('POST', `${named('/alerts', id)}/ack`),
  acknowledgeByLink: (secret: string) => call<unknown>('POST', '/alert-links/acknowledge', { secret }),

  listRules: (options?: Call) => call<RuleList>('GET', '/alert-rules', undefined, options),
  saveRule: (name: string, rule: object) => call<ListedRule>('PUT', named('/alert-rules', name), rule),
  deleteRule: (name: string) => call<unknown>('DELETE', named('/alert-rules', name)),
  tryRule: (body: { rule: AlertRuleInput | object; range: string }, options?: Call) =>
    call<RuleTrial>('POST', '/alert-rules/test', body, options),

  listSilences: (options?: Call) => call<SilenceList>('GET', '/silences', undefined, options),
  createSilence: (silence: object) => call<Silence>('POST', '/silences', silence),
  deleteSilence: (id: string) => call<unknown>('DELETE', named('/silences', id)),

  listQuietHours: (options?: Call) => call<QuietHoursList>('GET', '/quiet-hours', undefined, options),
  saveQuietHours: (name: string, quiet: QuietHours) =>
    call<unknown>('PUT', named('/quiet-hours', name), quiet),
  deleteQuietHours: (name: string) => call<unknown>('DELETE', named('/quiet-hours', name)),

  listHeartbeats: (options?: Call) => call<HeartbeatList>('GET', '/heartbeats', undefined, options),
  saveHeartbeat: (name: string, heartbeat: object) =>
    call<SavedHeartbeat>('PUT', named('/heartbeats', name), heartbeat),
  deleteHeartbeat: (name: string) => call<unknown>('DELETE', named('/heartbeats', name)),

  listChannels: (options?: Call) => call<ChannelList>('GET', '/alert-channels', undefined, options),
  saveChannel: (name: string, channel: object) =>
    call<ListedChannel>('PUT', named('/alert-channels', name), channel),
  deleteChannel: (name: string) => call<unknown>('DELETE', named('/alert-channels', name)),
  testChannel: (name: string) => call<ChannelTrial>('POST', `${named('/alert-channels', name)}/test`),
  subscribeBrowser: (name: string, subscription: object) =>
    call<unknown>('POST', `${named('/alert-channels', name)}/subscriptions`, subscription),

  listDeliveries: (options?: Call) => call<DeliveryList>('GET', '/alert-deliveries', undefined, options),
  retryDelivery: (id: string) => call<unknown>('POST', `${named('/alert-deliveries', id)}/retry`),
  discardDelivery: (id: string) => call<unknown>('DELETE', named('/alert-deliveries', id)),
};
