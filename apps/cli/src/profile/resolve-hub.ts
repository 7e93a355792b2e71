import { readFile } from 'node:fs/promises';
import { Secret } from '@booner/service/secret';
import { usageError } from '../errors/cli-error.ts';
import { type ConfigFile, configPath, DEFAULT_PROFILE, type Profile, readConfigFile } from './config-file.ts';

export type HubOptions = {
  readonly hub?: string | undefined;
  readonly profile?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
};

/** Where the hub is, and how to get in. `…From` says who said so, for people. */
export type ResolvedHub = {
  readonly url: string;
  readonly urlFrom: string;
  readonly token: Secret | null;
  readonly tokenFrom: string | null;
  readonly caFile: string | null;
  readonly profile: string | null;
};

export const DEFAULT_HUB = 'http://localhost:8000';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Finds the hub: `--hub`, `BOONER_HUB`, the profile, this machine. A profile's token goes to the profile's hub alone.
 * @throws CliError for a profile that there is not, a URL that is none, a file that cannot be read
 */
export async function resolveHub(options: HubOptions, env: Env): Promise<ResolvedHub> {
  const file = await readConfigFile(configPath(env));
  const named = options.profile ?? env.BOONER_PROFILE;
  const [name, profile] = pickProfile(file, named || undefined);
  const said = options.hub ?? (env.BOONER_HUB || undefined);
  const url = parseUrl(said ?? profile?.hub ?? DEFAULT_HUB);
  const own =
    profile !== null && sameHub(url, profile.hub)
      ? ([name, profile] as const)
      : (Object.entries(file.profiles).find(([, { hub }]) => sameHub(url, hub)) ?? null);
  const [token, tokenFrom] = await findToken(options, env, own);
  return {
    url,
    urlFrom: urlSource(options, env, profile === null ? null : name),
    token,
    tokenFrom,
    caFile: options.caFile ?? env.BOONER_CA_FILE ?? own?.[1].caFile ?? null,
    profile: own?.[0] ?? null,
  };
}

function pickProfile(file: ConfigFile, named: string | undefined): readonly [string, Profile | null] {
  const name = named ?? file.current;
  const profile = file.profiles[name];
  if (profile !== undefined) return [name, profile];
  if (named === undefined) return [DEFAULT_PROFILE, null];
  const names = Object.keys(file.profiles).join(', ') || 'none';
  throw usageError(
    `there is no profile "${named}"; there are: ${names}`,
    `\`booner login --profile ${named} --hub URL\` makes it`,
  );
}

function urlSource({ hub }: HubOptions, env: Env, profile: string | null): string {
  if (hub !== undefined) return '--hub';
  if (env.BOONER_HUB) return 'BOONER_HUB';
  return profile === null ? 'the default' : `profile "${profile}"`;
}

async function findToken(
  { tokenFile }: HubOptions,
  env: Env,
  own: readonly [string, Profile] | null,
): Promise<readonly [Secret | null, string | null]> {
  if (tokenFile !== undefined) return [await readTokenFile(tokenFile), `--token-file ${tokenFile}`];
  if (env.BOONER_TOKEN) return [new Secret(env.BOONER_TOKEN.trim()), 'BOONER_TOKEN'];
  if (own?.[1].token !== undefined) return [new Secret(own[1].token), `profile "${own[0]}"`];
  return [null, null];
}

async function readTokenFile(path: string): Promise<Secret> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (text === '') throw usageError(`${path} is empty; a token was expected`);
    return new Secret(text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'cli_error') throw error;
    throw usageError(`the token file ${path} cannot be read (${code ?? String(error)})`);
  }
}

/** A hub's URL in one spelling: `10.0.0.1:8000` means `http://10.0.0.1:8000`. */
export function parseUrl(text: string): string {
  const full = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url === null || url.hostname === '' || /:\/\//.test(text) !== (full === text)) {
    throw usageError(`"${text}" is no URL of a hub`, 'such as --hub http://10.0.0.1:8000');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError('the URL of the hub must hold no user and no password', '`booner login` stores a token');
  }
  return url.href.replace(/[?#].*$/, '').replace(/\/$/, '');
}

/** Whether two URLs mean one hub. */
function sameHub(url: string, other: string): boolean {
  return URL.canParse(other) && parseUrl(other) === url;
}
