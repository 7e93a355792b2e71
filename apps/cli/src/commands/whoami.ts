import type { AuthState } from '@booner/protocol';
import type { Command } from 'commander';
import { EXIT } from '../errors/exit-codes.ts';
import type { Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { expiryText, readsText, scopesText } from './tokens.ts';

/** Adds `booner whoami`. */
export function addWhoAmICommand(program: Command, run: Run): void {
  program
    .command('whoami')
    .description('show the current identity and its permissions')
    .action((_options: object, command: Command) => run(command, (context) => whoAmI(context)));
}

/**
 * Runs `booner whoami`. JSON: the response of `GET /auth`. Exits with 4 if the hub requires a token
 * and did not get a valid one.
 */
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
      required
        ? 'Not signed in: this hub requires a token. Run `booner login` to store one.'
        : 'This hub requires no token.',
    );
    return;
  }
  const { subject, role, scopes, expiresAtMs } = signedIn;
  const permissions = role === 'viewer' ? 'read only' : `may run ${scopesText(scopes)}`;
  terminal.print(`${safeText(subject)}: ${role}, ${permissions}, ${expiryText(expiresAtMs)}`);
  if (readsText(scopes) !== 'everything') terminal.print(`Reads ${readsText(scopes)} only.`);
}
