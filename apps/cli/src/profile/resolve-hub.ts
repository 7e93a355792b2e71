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

/** Address and token of a hub. `urlFrom` and `tokenFrom` name the source, for messages. */
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
 * Finds the hub: `--hub`, `BOONER_HUB`, the profile, this machine. A profile's token is only ever
 * sent to that profile's hub.
 * @throws CliError for an unknown profile, an invalid URL, or an unreadable file
 */
export async function resolveHub(options: HubOptions, env: Env): Promise<ResolvedHub> {
  const file = await readConfigFile(configPath(env));
  const named = options.profile ?? env.BOONER_PROFILE;
  const [name, profile] = pickProfile(file, named || undefined);
  const given = options.hub ?? (env.BOONER_HUB || undefined);
  const url = parseUrl(given ?? profile?.hub ?? DEFAULT_HUB);
  const own =
    profile !== null && isSameHub(url, profile.hub)
      ? ([name, profile] as const)
      : (Object.entries(file.profiles).find(([, { hub }]) => isSameHub(url, hub)) ?? null);
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
    `unknown profile "${named}"; available profiles: ${names}`,
    `run \`booner login --profile ${named} --hub URL\` to create it`,
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
    if (text === '') throw usageError(`the token file ${path} is empty`);
    return new Secret(text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'cli_error') throw error;
    throw usageError(`cannot read the token file ${path} (${code ?? String(error)})`);
  }
}

/** Normalizes the URL of a hub: `10.0.0.1:8000` means `http://10.0.0.1:8000`. */
export function parseUrl(text: string): string {
  const full = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url === null || url.hostname === '' || /:\/\//.test(text) !== (full === text)) {
    throw usageError(`invalid hub URL "${text}"`, 'use a URL such as http://10.0.0.1:8000');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'the hub URL must not contain a user name or password',
      'run `booner login` to store a token',
    );
  }
  return url.href.replace(/[?#].*$/, '').replace(/\/$/, '');
}

function isSameHub(url: string, other: string): boolean {
  return URL.canParse(other) && parseUrl(other) === url;
}
