import type { FleetRedis, RedisLogin } from './fleet-redis.ts';

/** Commands that a stolen key of one host could try against another host, or against all. */
const attemptsOn = (host: string): readonly (readonly string[])[] => [
  ['PUBLISH', `booner:metrics:${host}`, '{"type":"bye"}'],
  ['HSET', `booner:target:${host}`, 'sample', '{}'],
  ['HGETALL', `booner:target:${host}`],
  ['DEL', `booner:target:${host}`],
  ['XADD', `booner:queue:${host}`, '*', 'task', 'x'],
  ['XADD', `booner:control:${host}`, '*', 'type', 'stop'],
  ['XRANGE', `booner:queue:${host}`, '-', '+'],
  ['SET', `booner:runner:${host}`, '{}'],
  ['HSET', 'booner:targets', host, '{}'],
  ['HGETALL', 'booner:credentials'],
  ['SUBSCRIBE', `booner:metrics:${host}`],
  ['EVAL', `return redis.call('GET', 'booner:runner:${host}')`, '0'],
  ['CONFIG', 'GET', '*'],
  ['ACL', 'LIST'],
  ['KEYS', '*'],
  ['FLUSHALL'],
];

/** Tries all of them. Returns those that Redis did not refuse. */
export async function carriedOut(redis: FleetRedis, login: RedisLogin, host: string): Promise<string[]> {
  const done: string[] = [];
  for (const attempt of attemptsOn(host)) {
    const answer = await redis.cli(login, ...attempt);
    if (!/NOPERM/.test(answer)) done.push(`${attempt.join(' ')}: ${answer}`);
  }
  return done;
}
