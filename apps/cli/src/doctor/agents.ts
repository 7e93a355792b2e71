import type { Target } from '@booner/protocol';
import { isBehind } from '@booner/protocol/compare-versions';
import { ageText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { ask, parseJson } from './ask.ts';
import { fail, ok, type Said, warn } from './check.ts';
import { judgeSkew } from './hub-http.ts';

/** Faults of one kind beyond this are counted, not listed. */
const MAX_LISTED = 20;

/** Which agents are silent, doubled, behind or wrong about the time. */
export async function checkAgents(url: string, token: string | null): Promise<readonly Said[]> {
  const answer = await ask(`${url}/targets`, token);
  const body = answer.type === 'answer' && answer.status === 200 ? parseJson(answer.text) : null;
  if (!Array.isArray(body?.targets)) {
    const why = answer.type === 'none' ? answer.code : `status ${answer.status}`;
    return [fail(`the hub does not list its targets (${why})`, '`booner targets` says more')];
  }
  const targets = body.targets as Target[];
  const hub = await ask(`${url}/auth`, token);
  const version = hub.type === 'answer' ? parseJson(hub.text)?.version : null;
  const nowMs = Date.now();
  const said = targets.flatMap((target) => [
    ...judge(target, typeof version === 'string' ? version : null, nowMs),
  ]);
  const active = targets.filter(({ status }) => status === 'active').length;
  const head =
    targets.length === 0
      ? ok('there are no targets yet: `booner target add HOST` lets one join')
      : ok(`${active} of ${targets.length} agents report`);
  const more = said.length - MAX_LISTED;
  return [
    ...(said.some(({ status }) => status === 'fail') ? [] : [head]),
    ...said.slice(0, MAX_LISTED),
    ...(more > 0 ? [warn(`and ${more} more findings about agents`, '`booner targets`')] : []),
  ];
}

function* judge(target: Target, version: string | null, nowMs: number): Generator<Said> {
  const { status, lastSeenAtMs, conflictingInstances, clockSkewMs, inventory } = target;
  const host = safeText(target.host);
  const look = `on ${host}: \`systemctl status booner-agent\`, \`journalctl -u booner-agent -n 20\``;
  if (status === 'pending')
    yield warn(`${host}: its agent was never heard`, `${look}; \`booner doctor\` there looks at its Redis`);
  if (status === 'offline') {
    yield fail(
      `${host}: its agent is silent; it was heard last ${ageText(lastSeenAtMs, nowMs)}`,
      `is the machine up? ${look}`,
    );
  }
  if (conflictingInstances !== null) {
    yield fail(
      `${host}: ${conflictingInstances.length} agents claim this host id: a credential was copied, or BOONER_HOST_ID is the same twice`,
      `\`booner target remove ${host}\` voids the credential, \`booner target add ${host}\` makes a new one`,
    );
  }
  if (clockSkewMs !== null && status === 'active')
    yield judgeSkew(clockSkewMs, `${host}: its clock`, "the hub's", `on ${host}`);
  if (version !== null && inventory !== null && isBehind(inventory.agentVersion, version)) {
    yield warn(
      `${host}: its agent has version ${safeText(inventory.agentVersion)}, the hub ${version}`,
      `\`booner target upgrade ${host}\``,
    );
  }
}
