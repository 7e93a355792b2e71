import { CREDENTIAL_PREFIX, isSecretText } from '@booner/protocol/secret-texts';
import { Secret } from '@booner/service/secret';
import type { Command } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import {
  configPath,
  DEFAULT_PROFILE,
  type Profile,
  readConfigFile,
  writeConfigFile,
} from '../profile/config-file.ts';
import { readSecret } from '../profile/read-secret.ts';
import { DEFAULT_HUB, parseUrl } from '../profile/resolve-hub.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { printAccess } from './whoami.ts';

/** Adds `booner login` and `booner logout`. */
export function addLoginCommands(program: Command, run: Run): void {
  program
    .command('login')
    .description('store a hub and a token, read from a prompt or stdin')
    .addHelpText(
      'after',
      examples(
        'login --hub http://10.0.0.1:8000',
        'login --hub https://status.example.org --profile work < token',
        'login --profile work        use this profile from now on',
      ),
    )
    .action((_options: object, command: Command) => run(command, (context) => login(context)));
  program
    .command('logout')
    .description('delete the stored token of a profile; to invalidate it, use `token revoke`')
    .action((_options: object, command: Command) => run(command, (context) => logout(context)));
}

/**
 * Runs `booner login`: stores a hub and, if the hub requires one, a token that the hub accepts. The
 * profile becomes the default.
 */
async function login(context: Context): Promise<undefined> {
  const { options, env, terminal } = context;
  const path = configPath(env);
  const file = await readConfigFile(path);
  const name =
    options.profile ?? (env.BOONER_PROFILE || (options.hub === undefined ? file.current : DEFAULT_PROFILE));
  const before = file.profiles[name];
  const hub = parseUrl(options.hub ?? (env.BOONER_HUB || (before?.hub ?? DEFAULT_HUB)));
  const caFile = options.caFile ?? env.BOONER_CA_FILE ?? before?.caFile;
  const store = async (token: string | undefined): Promise<undefined> => {
    const profile: Profile = {
      hub,
      ...(token === undefined ? {} : { token }),
      ...(caFile === undefined ? {} : { caFile }),
    };
    await writeConfigFile(path, { current: name, profiles: { ...file.profiles, [name]: profile } });
    terminal.note(`Stored profile "${name}" in ${path}.`);
  };
  const access = await tryToken(hub, caFile, null);
  if (!access.required) {
    terminal.note(`${hub} requires no token.`);
    return store(undefined);
  }
  const token =
    (await givenToken(context)) ?? (await readSecret(context.stdin, context.stderr, `Token for ${hub}: `));
  if (!isSecretText(token, CREDENTIAL_PREFIX)) {
    throw usageError(`invalid token: a token starts with ${CREDENTIAL_PREFIX} and has 47 characters`);
  }
  const signedIn = await tryToken(hub, caFile, new Secret(token));
  await store(token);
  if (context.isJson) terminal.printJson(signedIn);
  else printAccess(terminal, signedIn);
}

/** Reads `--token-file` or `BOONER_TOKEN`, not the profile's token: that is to be replaced. */
async function givenToken({ options, resolve, env }: Context): Promise<string | null> {
  if (options.tokenFile === undefined && !env.BOONER_TOKEN) return null;
  return (await resolve()).token?.reveal() ?? null;
}

function tryToken(url: string, caFile: string | undefined, token: Secret | null) {
  const hub = { url, urlFrom: 'login', token, tokenFrom: 'login', caFile: caFile ?? null, profile: null };
  return withHub({ resolve: async () => hub }, async (client) => {
    const access = await client.readAccess();
    if (token !== null && access.signedIn === null) {
      throw usageError(`${url} rejected the token`, 'it may be expired, revoked, or from another hub');
    }
    return access;
  });
}

/** Runs `booner logout`. */
async function logout(context: Context): Promise<undefined> {
  const { options, env, terminal } = context;
  const path = configPath(env);
  const file = await readConfigFile(path);
  const name = options.profile ?? (env.BOONER_PROFILE || file.current);
  const profile = file.profiles[name];
  if (profile === undefined) throw usageError(`unknown profile "${name}"`);
  const { token: _, ...kept } = profile;
  await writeConfigFile(path, { ...file, profiles: { ...file.profiles, [name]: kept } });
  terminal.note(
    `Deleted the token of profile "${name}". The hub still accepts it until you run \`booner token revoke\`.`,
  );
}
