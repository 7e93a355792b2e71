import { randomBytes } from 'node:crypto';
import { enrollerRules, hubRules } from '@booner/bus/redis/acl/hub-users';
import { aclFileLine, ENROLLER_USER, HUB_USER } from '@booner/bus/redis/acl/redis-user';
import { hashSecret } from '@booner/bus/secrets';
import { type Desk, openDesk } from './desk.ts';
import { type FleetRedis, type RedisLogin, startFleetRedis } from './fleet-redis.ts';
import { installHub } from './install-hub.ts';
import { printJournals } from './journals.ts';
import { HUB_HOST } from './network.ts';
import { type RealFleet, type RealFleetOptions, startRealFleet } from './real-fleet.ts';
import { readTraces } from './traces.ts';

/**
 * Folders of packages: of the version under test, of the next one, and of one that does not start.
 * See scripts/fleet/packages.mjs.
 */
export type Packages = { readonly first: string; readonly next: string; readonly broken: string };

/**
 * A fleet whose hub is installed and has an admin, and whose targets have nothing installed yet.
 */
export type FleetBed = AsyncDisposable & {
  readonly fleet: RealFleet;
  readonly redis: FleetRedis;
  /** The traces on the hub's host before the hub was installed. */
  readonly hubBefore: ReadonlyMap<string, string>;
  /** May do everything in Redis. */
  readonly operator: RedisLogin;
  /** The admin token that the hub made at its first start. */
  readonly token: string;
  /** With that token. */
  readonly desk: Desk;
};

/**
 * Boots the hosts, starts Redis with the users that the documentation names, and installs the hub
 * from its package.
 * @throws Error without `npm run test:fleet`, which makes the packages
 */
export async function startFleetBed(options: RealFleetOptions): Promise<FleetBed> {
  await using resources = new AsyncDisposableStack();
  const fleet = resources.use(await startRealFleet(options));
  const [hub, enroller, operator] = [newPassword(), newPassword(), newPassword()];
  const redis = resources.use(
    await startFleetRedis(fleet, [
      aclFileLine(hubRules(hashSecret(hub))),
      aclFileLine(enrollerRules(hashSecret(enroller))),
      `user operator on #${hashSecret(operator)} ~* &* +@all`,
    ]),
  );
  const hubBefore = await readTraces(fleet.hub);
  const { url, token, said } = await installHub(fleet.hub, packagesOfRun().first, {
    hub: { user: HUB_USER, password: hub },
    enroller: { user: ENROLLER_USER, password: enroller },
  }).catch(async (error) => {
    await printJournals([fleet.hub]);
    throw error;
  });
  process.stdout.write(said);
  const owned = resources.move();
  return {
    fleet,
    redis,
    hubBefore,
    operator: { from: HUB_HOST, user: 'operator', password: operator },
    token,
    desk: openDesk(fleet, url, token),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function packagesOfRun(): Packages {
  const folder = process.env.BOONER_FLEET_PACKAGES;
  if (folder === undefined)
    throw new Error('`npm run test:fleet` makes the packages that this test installs');
  return { first: `${folder}/first`, next: `${folder}/next`, broken: `${folder}/broken` };
}

const newPassword = () => randomBytes(32).toString('base64url');
