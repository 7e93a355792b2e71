import type { ListedCredential, Scopes } from '@booner/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, oldSecretText, whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

type RoleName = 'viewer' | 'operator' | 'admin';
type CreateTokenOptions = {
  readonly role: RoleName;
  readonly target?: readonly string[];
  readonly action?: readonly string[];
  /** Selector. */
  readonly reads?: string;
  /** Days; `null`: never; absent: the hub's default. */
  readonly expires?: number | null;
};
type LinkOptions = { readonly name?: string; readonly role: RoleName };

const roles = (description: string, standard: RoleName) =>
  new Option('--role <role>', description).choices(['viewer', 'operator', 'admin']).default(standard);

/** Adds `booner token`. */
export function addTokenCommands(program: Command, run: Run): void {
  const token = program.command('token').description('create, list and revoke tokens');
  token
    .command('create')
    .description('create a token and show it once')
    .argument('<name>', 'person or program that will use it')
    .addOption(
      roles(
        'viewer: read; operator: also run and cancel tasks; admin: also manage hosts and access',
        'viewer',
      ),
    )
    .option('--target <host...>', 'allow tasks on these targets only')
    .option('--action <name...>', 'allow tasks of these actions only')
    .option('--reads <selector>', 'show these targets only, such as role=db or host=10.0.0.*')
    .option('--expires <time>', 'lifetime, such as 30d, 12w or 1y, or never', days)
    .addHelpText(
      'after',
      examples(
        'token create "build server" --role operator --target 10.0.0.2 --action game.deploy --expires 90d',
        "token create 'database team' --reads role=db",
        'token create alice --role admin --expires never',
      ),
    )
    .action((name: string, options: CreateTokenOptions, command: Command) =>
      run(command, (context) => createToken(context, name, options)),
    );
  token
    .command('list')
    .description('list tokens and browser sessions with their last use')
    .action((_options: object, command: Command) => run(command, (context) => listTokens(context)));
  token
    .command('revoke')
    .description('revoke tokens or sessions and end their connections')
    .argument('<id...>', 'IDs from `booner token list`')
    .action((ids: readonly string[], _options: object, command: Command) =>
      run(command, (context) => revokeTokens(context, ids)),
    );
  token
    .command('link')
    .description('create a link that signs in a browser, valid once within 15 minutes')
    .option('--name <text>', 'person or device that it is for')
    .addOption(roles('role of the session', 'viewer'))
    .addHelpText('after', examples('token link --role operator --name "phone of Alice"'))
    .action((options: LinkOptions, command: Command) =>
      run(command, (context) => createLink(context, options)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'KIND' },
  { title: 'NAME', shrinksTo: 10 },
  { title: 'ROLE' },
  { title: 'MAY RUN', shrinksTo: 10, dispensable: 3 },
  { title: 'READS', shrinksTo: 10, dispensable: 5 },
  { title: 'CREATED', align: 'right', dispensable: 2 },
  { title: 'BY', shrinksTo: 12, dispensable: 4 },
  { title: 'EXPIRES', align: 'right' },
  { title: 'LAST USED', align: 'right' },
  { title: 'NOTE' },
];

/** Runs `booner token create`. Stdout is the token alone. JSON: the response of `POST /tokens`. */
function createToken(context: Context, name: string, options: CreateTokenOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const { role, target: hosts, action: actions, reads, expires } = options;
    const created = await client.createToken({ name, role, hosts, actions, reads, expiresInDays: expires });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(created);
    terminal.print(created.token);
    const scope = scopesText(created.scopes);
    terminal.note('Store this token now. It is not shown again.');
    terminal.note(`Its role is ${role}, its scope is ${scope}, and it ${expiryText(created.expiresAtMs)}.`);
    if (created.scopes.reads !== null) terminal.note(`It reads ${readsText(created.scopes)}.`);
    terminal.note(`To revoke it, run \`booner token revoke ${created.id}\`.`);
  });
}

/** Runs `booner token list`. JSON: the response of `GET /tokens`. */
function listTokens(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const tokens = await client.listTokens();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ tokens });
    const nowMs = Date.now();
    terminal.print(
      ...renderTable(
        COLUMNS,
        tokens.map((token) => rowOf(token, nowMs)),
        terminal,
      ),
    );
  });
}

const rowOf = (token: ListedCredential, nowMs: number): string[] => [
  token.id,
  token.kind,
  safeText(token.name),
  token.role,
  scopesText(token.scopes),
  readsText(token.scopes),
  ageText(token.createdAtMs, nowMs),
  safeText(token.createdBy),
  whenText(token.expiresAtMs, nowMs),
  ageText(token.lastUsedAtMs, nowMs),
  token.kind === 'token' ? oldSecretText(token.createdAtMs, nowMs) : '',
];

/** Runs `booner token revoke`. JSON: the IDs of all revoked credentials. */
function revokeTokens(context: Context, ids: readonly string[]): Promise<undefined> {
  return withHub(context, async (client) => {
    const revoked = new Set<string>();
    for (const id of ids) {
      if (revoked.has(id)) continue; // revoked with its parent
      for (const each of await client.revokeToken(id)) revoked.add(each);
    }
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ revoked: [...revoked] });
    terminal.print(...[...revoked].map((id) => `Revoked ${id}`));
  });
}

/** Runs `booner token link`. JSON: the response of `POST /auth/links`. */
function createLink(context: Context, { name, role }: LinkOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const link = await client.createSignInLink({ name, role });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(link);
    terminal.print(link.url);
    terminal.note(`The link signs in one browser and ${expiryText(link.expiresAtMs)}.`);
  });
}

/** Formats an expiry: `expires in 3 d` or `never expires`. */
export const expiryText = (expiresAtMs: number | null): string =>
  expiresAtMs === null ? 'never expires' : `expires ${whenText(expiresAtMs, Date.now())}`;

/** Formats scopes: `deploy on 10.0.0.2`, or `everything`. */
export function scopesText({ hosts, actions }: Scopes): string {
  const parts = [
    actions === null ? '' : actions.join(', '),
    hosts === null ? '' : `on ${hosts.join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everything' : safeText(parts.join(' '));
}

/** Formats the read scope: a selector, or `everything`. Hubs before 0.3 have none. */
export const readsText = ({ reads = null }: Partial<Scopes>): string =>
  reads === null ? 'everything' : reads === '' ? 'nothing' : safeText(reads);

/** Parses `30d`, `30`, `2w`, `1y` or `never` into days. */
function days(text: string): number | null {
  if (text === 'never') return null;
  const [, count, unit] = /^(\d{1,4})([dwy]?)$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0) {
    throw new InvalidArgumentError('must be a duration such as 30d, 12w or 1y, or never.');
  }
  return Number(count) * (unit === 'w' ? 7 : unit === 'y' ? 365 : 1);
}
