import type { Target } from '@booner/protocol';
import { isBehind } from '@booner/protocol/compare-versions';
import { ageText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';
import { httpGet, parseJson } from './http-get.ts';
import { compareClocks } from './hub-http.ts';

/** Further problems are counted, not listed. */
const MAX_LISTED = 20;

/** Finds agents that are silent, duplicated or outdated, or whose clock is wrong. */
export async function checkAgents(url: string, token: string | null): Promise<readonly CheckResult[]> {
  const outcome = await httpGet(`${url}/targets`, token);
  const body = outcome.type === 'response' && outcome.status === 200 ? parseJson(outcome.text) : null;
  if (!Array.isArray(body?.targets)) {
    const why = outcome.type === 'none' ? outcome.code : `status ${outcome.status}`;
    return [fail(`cannot list the targets of the hub (${why})`, 'run `booner targets` for details')];
  }
  const targets = body.targets as Target[];
  const hub = await httpGet(`${url}/auth`, token);
  const version = hub.type === 'response' ? parseJson(hub.text)?.version : null;
  const nowMs = Date.now();
  const results = targets.flatMap((target) => [...checkAgent(target, nowMs)]);
  const active = targets.filter(({ status }) => status === 'active').length;
  const head =
    targets.length === 0
      ? ok('no targets yet: run `booner target add HOST` to add one')
      : ok(`${active} of ${targets.length} agents are reporting`);
  const more = results.length - MAX_LISTED;
  return [
    ...(results.some(({ status }) => status === 'fail') ? [] : [head]),
    ...results.slice(0, MAX_LISTED),
    ...(more > 0 ? [warn(`and ${more} more problems with agents`, 'run `booner targets`')] : []),
    ...(typeof version === 'string' ? checkVersions(targets, version) : []),
  ];
}

function* checkAgent(target: Target, nowMs: number): Generator<CheckResult> {
  const { status, lastSeenAtMs, conflictingInstances, clockSkewMs, quarantine } = target;
  const host = safeText(target.host);
  const inspect = `on ${host}, run \`systemctl status booner-agent\` and \`journalctl -u booner-agent -n 20\``;
  if (quarantine != null) {
    yield fail(
      `${host}: quarantined, ${safeText(quarantine.reason)}`,
      [
        ...(quarantine.redisLine === null ? [] : [`in redis-cli, run \`${safeText(quarantine.redisLine)}\``]),
        `if its key may be stolen, run \`booner target add ${host} --replace\`; else \`booner target release ${host}\``,
      ].join('; '),
    );
    return;
  }
  if (status === 'pending')
    yield warn(
      `${host}: its agent has never connected`,
      `${inspect}; \`booner doctor\` on that host checks its Redis`,
    );
  if (status === 'offline') {
    yield fail(
      `${host}: its agent is silent; last seen ${ageText(lastSeenAtMs, nowMs)}`,
      `check that the host is up; ${inspect}`,
    );
  }
  if (conflictingInstances !== null) {
    yield fail(
      `${host}: ${conflictingInstances.length} agents claim this host ID: they share a credential or a BOONER_HOST_ID`,
      `run \`booner target remove ${host}\` to invalidate the credential, then \`booner target add ${host}\` to create a new one`,
    );
  }
  if (clockSkewMs !== null && status === 'active')
    yield compareClocks(clockSkewMs, `${host}: its clock`, "the hub's", `on ${host}`);
}

/** Reports all outdated agents at once, since one command upgrades them. */
function checkVersions(targets: readonly Target[], version: string): readonly CheckResult[] {
  const behind = targets.flatMap(({ host, inventory, quarantine }) =>
    quarantine == null && inventory !== null && isBehind(inventory.agentVersion, version)
      ? [{ host: safeText(host), version: safeText(inventory.agentVersion) }]
      : [],
  );
  if (behind.length === 0) return [];
  const shown = behind.slice(0, MAX_LISTED).map((agent) => `${agent.host} (${agent.version})`);
  const more = behind.length - shown.length;
  const names = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    warn(
      `agents older than the hub's ${version}: ${names}`,
      `run \`booner target upgrade ${more > 0 ? '--all' : behind.map(({ host }) => host).join(' ')}\``,
    ),
  ];
}
