import type { HostId, Sha256 } from '@booner/protocol';
import { agentRules, runnerRules } from '../redis/acl/host-users.ts';
import { enrollerRules, hubRules } from '../redis/acl/hub-users.ts';
import {
  aclFileLine,
  agentUser,
  ENROLLER_USER,
  HUB_USER,
  type RedisUser,
  runnerUser,
} from '../redis/acl/redis-user.ts';
import type { RedisSettings } from '../redis/connection/connection-options.ts';
import { hashSecret } from '../secrets.ts';

/** Password of every user of a test: name and purpose are enough to tell users apart. */
const PASSWORD = 'secret-of-a-test';
const HASH: Sha256 = hashSecret(PASSWORD);

/**
 * The content of an ACL file with the users of hubs, the enroller and some hosts. The user
 * `default` may do everything.
 */
export function aclOf(hosts: readonly HostId[], database = 0): string {
  const users: RedisUser[] = [
    hubRules(HASH, { database }),
    enrollerRules(HASH),
    ...hosts.flatMap((host) => [agentRules(host, HASH, { database }), runnerRules(host, HASH, { database })]),
  ];
  return `${users.map(aclFileLine).join('\n')}\n`;
}

/** Settings with which each user reaches a Redis. */
export function waysTo(url: string) {
  const as = (username: string): RedisSettings => ({ url, username, password: PASSWORD });
  return {
    hub: as(HUB_USER),
    enroller: as(ENROLLER_USER),
    agent: (host: HostId) => as(agentUser(host)),
    runner: (host: HostId) => as(runnerUser(host)),
  };
}
