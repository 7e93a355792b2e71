import type { ListedCredential, Scopes } from '@booner/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

type RoleName = 'viewer' | 'operator' | 'admin';
type CreateTokenOptions = {
  readonly role: RoleName;
  readonly target?: readonly string[];
  readonly action?: readonly string[];
  /** Days; `null`: never; absent: as the hub likes. */
  readonly expires?: number | null;
};
type LinkOptions = { readonly name?: string; readonly role: RoleName };

const roles = (description: string, standard: RoleName) =>
  new Option('--role <role>', description).choices(['viewer', 'operator', 'admin']).default(standard);

/** Adds `booner token`. */
export function addTokenCommands(program: Command, run: Run): void {
  const token = program.command('token').description('make, list and revoke tokens');
  token
    .command('create')
    .description('make a token, which is shown this once')
    .argument('<name>', 'who or what it is for')
    .addOption(roles('viewer sees, operator also runs and cancels, admin also manages', 'viewer'))
    .option('--target <host...>', 'may run and cancel on these targets alone')
    .option('--action <name...>', 'may run and cancel these actions alone')
    .option('--expires <time>', 'such as 30d, or never', days)
    .addHelpText(
      'after',
      examples(
        'token create "build server" --role operator --target 10.0.0.2 --action game.deploy --expires 90d',
        'token create alice --role admin --expires never',
      ),
    )
    .action((name: string, options: CreateTokenOptions, command: Command) =>
      run(command, (context) => createToken(context, name, options)),
    );
  token
    .command('list')
    .description('tokens and sessions of browsers, with their last use')
    .action((_options: object, command: Command) => run(command, (context) => listTokens(context)));
  token
    .command('revoke')
    .description('make tokens or sessions void; their open connections end at once')
    .argument('<id...>', 'ids of `token list`')
    .action((ids: readonly string[], _options: object, command: Command) =>
      run(command, (context) => revokeTokens(context, ids)),
    );
  token
    .command('link')
    .description('make a link that signs a browser in, good once for 15 minutes')
    .option('--name <text>', 'who it is for')
    .addOption(roles('what it allows', 'viewer'))
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
  { title: 'CREATED', align: 'right', dispensable: 2 },
  { title: 'BY', shrinksTo: 8, dispensable: 4 },
  { title: 'EXPIRES', align: 'right' },
  { title: 'USED', align: 'right' },
];

/** `booner token create`. The token alone goes to stdout. JSON is the answer of `POST /tokens`. */
function createToken(context: Context, name: string, options: CreateTokenOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const { role, target: hosts, action: actions, expires } = options;
    const created = await client.createToken({ name, role, hosts, actions, expiresInDays: expires });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(created);
    terminal.print(created.token);
    const until =
      created.expiresAtMs === null ? 'never ends' : `ends ${whenText(created.expiresAtMs, Date.now())}`;
    terminal.note(
      `It is shown this once, allows what an ${role} may (${scopesText(created.scopes)}), and ${until}.`.replace(
        'an viewer',
        'a viewer',
      ),
    );
    terminal.note(`\`booner token revoke ${created.id}\` makes it void.`);
  });
}

/** `booner token list`. JSON is the answer of `GET /tokens`. */
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
  ageText(token.createdAtMs, nowMs),
  safeText(token.createdBy),
  whenText(token.expiresAtMs, nowMs),
  ageText(token.lastUsedAtMs, nowMs),
];

/** `booner token revoke`. JSON: the ids of all that are void now. */
function revokeTokens(context: Context, ids: readonly string[]): Promise<undefined> {
  return withHub(context, async (client) => {
    const revoked = new Set<string>();
    for (const id of ids) {
      if (revoked.has(id)) continue; // it went with the one that it came from
      for (const each of await client.revokeToken(id)) revoked.add(each);
    }
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ revoked: [...revoked] });
    terminal.print(...[...revoked].map((id) => `${id} is revoked`));
  });
}

/** `booner token link`. JSON is the answer of `POST /auth/links`. */
function createLink(context: Context, { name, role }: LinkOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const link = await client.createSignInLink({ name, role });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(link);
    terminal.print(link.url);
    terminal.note(`It signs one browser in, and ends ${whenText(link.expiresAtMs, Date.now())}.`);
  });
}

/** In a few words what scopes allow to run. */
export function scopesText({ hosts, actions }: Scopes): string {
  const parts = [
    actions === null ? '' : actions.join(', '),
    hosts === null ? '' : `on ${hosts.join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everything' : safeText(parts.join(' '));
}

/** `30d`, `30`, `2w` or `never`, in days. */
function days(text: string): number | null {
  if (text === 'never') return null;
  const [, count, unit] = /^(\d{1,4})([dwy]?)$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0) {
    throw new InvalidArgumentError('must be such as 30d, 12w, 1y or never.');
  }
  return Number(count) * (unit === 'w' ? 7 : unit === 'y' ? 365 : 1);
}
