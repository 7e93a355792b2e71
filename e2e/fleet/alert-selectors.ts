import type { Alert, AlertPage, MuteReason, RuleTrial } from '@booner/protocol';
import { eventually, type HubProcess } from '@booner/testkit';
import { expect } from 'vitest';
import { ask } from '../access/asking.ts';
import type { Booner } from '../cli/booner.ts';

/** A hub that requires sign-in, and its command line. */
type Place = { readonly hub: HubProcess; readonly booner: Booner };

/** Rule whose alert of the one target stays open. */
export const ALWAYS = 'always';
/** Rule that a test adds and removes. */
const WATCHED = 'watched';
/** Rule that fires and ends once the settings before it apply. */
const LATER = 'later';
const HOUR_MS = 3_600_000;

/** Fires on each host that it selects: some memory is always available. */
const ruleFor = (selector: string) => ({
  selector,
  when: { metric: 'memoryAvailableRatio', function: 'last' },
  warn: { on: 0.01, off: 0.001 },
});

/** @throws unless it succeeds */
async function send(hub: HubProcess, method: string, path: string, body?: object) {
  const { status, json } = await ask(hub, method, path, { token: hub.adminToken, body });
  expect([status, json]).toEqual([expect.toSatisfy((code: number) => code >= 200 && code < 300), json]);
  return json;
}

async function openAlerts(hub: HubProcess, rule: string): Promise<readonly Alert[]> {
  return ((await send(hub, 'GET', `/alerts?rule=${rule}`)) as AlertPage).alerts;
}

const hostsOf = (alerts: readonly { readonly host: string | null }[]) => [
  ...new Set(alerts.flatMap(({ host }) => host ?? [])),
];

const untilOpen = (hub: HubProcess, rule: string, count: number) =>
  eventually(async () => (await openAlerts(hub, rule)).length === count, { what: `${count} of ${rule}` });

/** Adds a rule that fires on every target. */
export async function openAlert(hub: HubProcess, rule: string): Promise<void> {
  await send(hub, 'PUT', `/alert-rules/${rule}`, ruleFor('*'));
  await untilOpen(hub, rule, 1);
}

async function endAlert(hub: HubProcess, rule: string): Promise<void> {
  await send(hub, 'DELETE', `/alert-rules/${rule}`);
  await untilOpen(hub, rule, 0);
}

/** Waits until the hub applies every setting so far. */
async function settle(hub: HubProcess): Promise<void> {
  await openAlert(hub, LATER);
  await endAlert(hub, LATER);
}

/** Returns the targets whose alerts a setting mutes. `set` returns its path. */
async function mutedBy(hub: HubProcess, reason: MuteReason, set: () => Promise<string>) {
  const path = await set();
  await settle(hub);
  const muted = (await openAlerts(hub, ALWAYS)).filter(({ mutes }) => mutes.includes(reason));
  await send(hub, 'DELETE', path);
  return hostsOf(muted);
}

/** Returns the targets that a rule fires on. */
export async function watchedByRule({ hub }: Place, selector: string) {
  await send(hub, 'PUT', `/alert-rules/${WATCHED}`, ruleFor(selector));
  await settle(hub);
  const alerts = await openAlerts(hub, WATCHED);
  await endAlert(hub, WATCHED);
  return hostsOf(alerts);
}

/** Returns the targets that a rule would have fired on. */
export async function triedByRule({ hub }: Place, selector: string) {
  const trial = { rule: ruleFor(selector), range: '1h' };
  return hostsOf(((await send(hub, 'POST', '/alert-rules/test', trial)) as RuleTrial).episodes);
}

export function mutedBySilence({ hub }: Place, selector: string) {
  const until = new Date(Date.now() + HOUR_MS).toISOString();
  const silence = { selector, rule: ALWAYS, until, reason: 'a test' };
  const create = async () => `/silences/${(await send(hub, 'POST', '/silences', silence)).id}`;
  return mutedBy(hub, 'silence', create);
}

export function mutedByQuietHours({ hub }: Place, selector: string) {
  const [from, until] = [-HOUR_MS, HOUR_MS].map((ms) => new Date(Date.now() + ms).toISOString());
  const hours = { selector, rules: [ALWAYS], timeZone: 'UTC', times: [{ type: 'once', from, until }] };
  return mutedBy(hub, 'quiet_hours', async () => {
    await send(hub, 'PUT', '/quiet-hours/test', hours);
    return '/quiet-hours/test';
  });
}

/** Returns the targets whose alerts `booner alert ack` acknowledges. */
export async function acknowledgedByCommand({ hub, booner }: Place, selector: string) {
  await openAlert(hub, WATCHED);
  const env = { BOONER_TOKEN: hub.adminToken };
  const answer = await booner.json<AlertPage>(['alert', 'ack', '--selector', selector], { env });
  const acknowledged = (await openAlerts(hub, WATCHED)).filter((alert) => alert.acknowledged !== null);
  await endAlert(hub, WATCHED);
  const listed = answer.alerts.filter(({ rule }) => rule === WATCHED);
  expect(hostsOf(listed)).toEqual(hostsOf(acknowledged));
  return hostsOf(acknowledged);
}
