import type { ListedCredential, Scopes } from '@booner/protocol';
import type { CreateTokenOptions, LinkOptions } from '../program/access-commands.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

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
export function createToken(context: Context, name: string, options: CreateTokenOptions): Promise<undefined> {
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
export function listTokens(context: Context): Promise<undefined> {
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
export function revokeTokens(context: Context, ids: readonly string[]): Promise<undefined> {
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
export function createLink(context: Context, { name, role }: LinkOptions): Promise<undefined> {
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
