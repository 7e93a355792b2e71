import { hashSecret } from '@booner/bus/secrets';
import { eventually } from '@booner/testkit';
import { ask } from './asking.ts';
import type { startEnrolledBed } from './enrolled-bed.ts';

type Bed = Pick<Awaited<ReturnType<typeof startEnrolledBed>>, 'connectOperator' | 'hubs'>;

const AGE_MS = 16 * 60_000;
const KEY = 'booner:credentials';

/** Lets a credential be 16 minutes older. @param secret of a cookie or a token */
export async function ageCredential(bed: Bed, secret: string): Promise<void> {
  using operator = bed.connectOperator();
  const { redis } = operator;
  const hash = hashSecret(secret);
  const stored = JSON.parse((await redis.hget(KEY, hash)) ?? 'null');
  if (stored === null) throw new Error('no such credential');
  stored.createdAtMs -= AGE_MS;
  if (stored.confirmedAtMs !== undefined) stored.confirmedAtMs -= AGE_MS;
  await redis.multi().hset(KEY, hash, JSON.stringify(stored)).incr(`${KEY}:version`).exec();
}

/**
 * Lets the last sign-in of an admin's session be 16 minutes ago, and waits until all hubs know.
 * @param cookie as `name=value`
 */
export async function ageSession(bed: Bed, cookie: string): Promise<void> {
  await ageCredential(bed, cookie.split('=')[1] ?? '');
  for (const hub of bed.hubs) {
    await eventually(async () => (await ask(hub, 'POST', '/auth/links', { cookie })).status === 403, {
      what: 'the hub to know that the session is old',
    });
  }
}
