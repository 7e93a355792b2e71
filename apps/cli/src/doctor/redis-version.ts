import type { Redis } from 'ioredis';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok, skip, warn } from './check.ts';

/** A Redis or Valkey server. */
export type Server = { readonly name: string; readonly version: string };

/** Required for ACL selectors, and for trimmed entries in XINFO STREAM. */
const MIN_VERSION = [7, 0] as const;
/**
 * First version of each maintained line with the fixes of July 2026, which prevent remote code
 * execution. docs/redis.md lists the same.
 */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  Redis: ['7.2.15', '7.4.10', '8.2.8', '8.4.5', '8.6.5', '8.8.1'],
  Valkey: ['7.2.14', '8.0.10', '8.1.9', '9.0.5', '9.1.1'],
};
/** The Redis version that every Valkey reports in `redis_version` and HELLO. */
const AMBIGUOUS = '7.2.4';
const BACKPORTS =
  'A package of your distribution may contain the fixes under its old number: compare its changelog';

/** @param info fields of INFO; `null` if this user may not read them */
export async function checkVersion(
  redis: Redis,
  info: ReadonlyMap<string, string> | null,
): Promise<CheckResult> {
  const server = (info === null ? null : serverOfInfo(info)) ?? (await serverOfHello(redis));
  return server === null ? skip('Redis does not report its version to this user') : checkServer(server);
}

export function checkServer({ name, version }: Server): CheckResult {
  const shown = `${name} ${safeText(version)}`;
  if (isBelow(version, MIN_VERSION.join('.'))) {
    return fail(
      `${shown} is too old`,
      `install Redis ${MIN_VERSION.join('.')} or newer: \`sudo apt-get install redis-server\``,
    );
  }
  if (version === AMBIGUOUS) return ok(shown);
  const fixed = FIXED[name] ?? [];
  const sameLine = fixed.find((each) => lineOf(each) === lineOf(version));
  if (sameLine !== undefined && isBelow(version, sameLine)) {
    return warn(`${shown} lacks security fixes`, `install ${name} ${sameLine} or newer. ${BACKPORTS}`);
  }
  const last = fixed.at(-1) ?? '0';
  if (sameLine === undefined && isBelow(version, last)) {
    return warn(
      `${name} ${lineOf(version)} is no longer maintained and gets no security fixes`,
      `install ${name} ${last} or newer. ${BACKPORTS}`,
    );
  }
  return ok(shown);
}

function serverOfInfo(info: ReadonlyMap<string, string>): Server | null {
  const valkey = info.get('valkey_version');
  if (valkey !== undefined) return { name: 'Valkey', version: valkey };
  const version = info.get('redis_version');
  return version === undefined ? null : { name: 'Redis', version };
}

/** Reads the server from HELLO, which every user may run. */
async function serverOfHello(redis: Redis): Promise<Server | null> {
  const reply: unknown = await redis.call('HELLO').catch(() => null);
  const flat = Array.isArray(reply) ? reply : Object.entries(reply ?? {}).flat();
  const fieldOf = (field: string) => (flat.includes(field) ? String(flat[flat.indexOf(field) + 1]) : null);
  const version = fieldOf('version');
  return version === null ? null : { name: fieldOf('server') === 'valkey' ? 'Valkey' : 'Redis', version };
}

const numbersOf = (version: string) => version.split('.').map((part) => Number.parseInt(part, 10) || 0);
const lineOf = (version: string) => numbersOf(version).slice(0, 2).join('.');

function isBelow(version: string, least: string): boolean {
  const [given, wanted] = [numbersOf(version), numbersOf(least)];
  for (const [index, number] of wanted.entries()) {
    const difference = (given[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
