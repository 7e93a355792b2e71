import type { AuthState } from '@booner/protocol';
import type { Command } from 'commander';
import { EXIT } from '../errors/exit-codes.ts';
import type { Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { scopesText } from './tokens.ts';

/** Adds `booner whoami`. */
export function addWhoAmICommand(program: Command, run: Run): void {
  program
    .command('whoami')
    .description('who one is for the hub, and what that allows')
    .action((_options: object, command: Command) => run(command, (context) => whoAmI(context)));
}

/** `booner whoami`. JSON is the answer of `GET /auth`. Ends with 4 where a token is wanted and none is taken. */
function whoAmI(context: Context): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const access = await client.readAccess();
    const { terminal, isJson } = context;
    if (isJson) terminal.printJson(access);
    else printAccess(terminal, access);
    return access.required && access.signedIn === null ? EXIT.refused : undefined;
  });
}

export function printAccess(terminal: Terminal, { required, signedIn }: AuthState): void {
  if (signedIn === null) {
    terminal.print(
      required ? 'Nobody: this hub wants a token. `booner login` stores one.' : 'This hub wants no token.',
    );
    return;
  }
  const { subject, role, scopes, expiresAtMs } = signedIn;
  const until = expiresAtMs === null ? 'never ends' : `ends ${whenText(expiresAtMs, Date.now())}`;
  terminal.print(`${safeText(subject)}: ${role}, may run ${scopesText(scopes)}, ${until}`);
}
