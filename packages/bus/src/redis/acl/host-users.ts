import type { HostId, Sha256 } from '@booner/protocol';
import {
  backfillRequestKey,
  controlKey,
  metricsChannel,
  queueKey,
  REPORTS_KEY,
  reportsKey,
  runnerKey,
  targetKey,
} from '@booner/protocol/redis-names';
import { artefactKeyPattern, logKeyPattern } from '../../host-tasks.ts';
import { agentUser, type RedisUser, redisUser, runnerUser } from './redis-user.ts';

export type HostUserOptions = {
  /** Database in the host's Redis URL; default 0. */
  readonly database?: number;
};

/**
 * The user of a host's agent. It writes the metrics of its own host, and reads nothing but which of
 * its samples hubs missed.
 */
export function agentRules(host: HostId, password: Sha256, options: HostUserOptions = {}): RedisUser {
  return redisUser(agentUser(host), password, {
    ...options,
    commands: ['publish'],
    grants: [
      { keys: [`%W~${targetKey(host)}`], commands: ['hset'] },
      { keys: [`%R~${backfillRequestKey(host)}`], commands: ['get'] },
    ],
    channels: [metricsChannel(host)],
  });
}

/**
 * The user of a host's runner. It reads the streams of its own host, and writes its presence, the
 * logs and artefacts of its own tasks, and its reports. The stream that all runners share is for
 * those one minor version older: a report there is trusted because of the runner's instance and the
 * attempt's token.
 */
export function runnerRules(host: HostId, password: Sha256, options: HostUserOptions = {}): RedisUser {
  return redisUser(runnerUser(host), password, {
    ...options,
    commands: ['multi', 'exec', 'unwatch'],
    grants: [
      { keys: [`%R~${queueKey(host)}`, `%R~${controlKey(host)}`], commands: ['xreadgroup'] },
      { keys: [`%W~${controlKey(host)}`], commands: ['xack', 'xdel'] },
      { keys: [`~${runnerKey(host)}`], commands: ['watch', 'getrange', 'set', 'pexpire', 'del'] },
      { keys: [`%W~${reportsKey(host)}`, `%W~${REPORTS_KEY}`], commands: ['xadd'] },
      { keys: [`%W~${logKeyPattern(host)}`], commands: ['xadd', 'pexpire'] },
      { keys: [`%W~${artefactKeyPattern(host)}`], commands: ['set'] },
    ],
  });
}
