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
    .description('store a hub and a token, read from a prompt or from stdin')
    .addHelpText(
      'after',
      examples(
        'login --hub http://10.0.0.1:8000',
        'login --hub https://status.example.org --profile work < token',
        'login --profile work        makes this profile the one that is meant from now on',
      ),
    )
    .action((_options: object, command: Command) => run(command, (context) => login(context)));
  program
    .command('logout')
    .description('forget the token of a profile; `token revoke` makes it void for everybody')
    .action((_options: object, command: Command) => run(command, (context) => logout(context)));
}

/** `booner login`: stores a hub and, where the hub wants one, a token that it takes. The profile becomes the one that is meant. */
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
    terminal.note(`Profile "${name}" is stored in ${path}.`);
  };
  const access = await tryToken(hub, caFile, null);
  if (!access.required) {
    terminal.note(`${hub} wants no token.`);
    return store(undefined);
  }
  const token =
    (await givenToken(context)) ?? (await readSecret(context.stdin, context.stderr, `Token for ${hub}: `));
  if (!isSecretText(token, CREDENTIAL_PREFIX)) {
    throw usageError(`that is no token: it begins with ${CREDENTIAL_PREFIX} and has 47 characters`);
  }
  const signedIn = await tryToken(hub, caFile, new Secret(token));
  await store(token);
  if (context.isJson) terminal.printJson(signedIn);
  else printAccess(terminal, signedIn);
}

/** What `--token-file` or `BOONER_TOKEN` say; a profile's token is the one to be replaced. */
async function givenToken({ options, resolve, env }: Context): Promise<string | null> {
  if (options.tokenFile === undefined && !env.BOONER_TOKEN) return null;
  return (await resolve()).token?.reveal() ?? null;
}

function tryToken(url: string, caFile: string | undefined, token: Secret | null) {
  const hub = { url, urlFrom: 'login', token, tokenFrom: 'login', caFile: caFile ?? null, profile: null };
  return withHub({ resolve: async () => hub }, async (client) => {
    const access = await client.readAccess();
    if (token !== null && access.signedIn === null) {
      throw usageError(`${url} does not take this token`, 'it may be over, revoked, or of another hub');
    }
    return access;
  });
}

/** `booner logout`. */
async function logout(context: Context): Promise<undefined> {
  const { options, env, terminal } = context;
  const path = configPath(env);
  const file = await readConfigFile(path);
  const name = options.profile ?? (env.BOONER_PROFILE || file.current);
  const profile = file.profiles[name];
  if (profile === undefined) throw usageError(`there is no profile "${name}"`);
  const { token: _, ...kept } = profile;
  await writeConfigFile(path, { ...file, profiles: { ...file.profiles, [name]: kept } });
  terminal.note(
    `The token of profile "${name}" is forgotten here. \`booner token revoke\` makes it void for everybody.`,
  );
}
