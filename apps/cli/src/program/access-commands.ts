import { type Command, InvalidArgumentError, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';

type RoleName = 'viewer' | 'operator' | 'admin';
export type CreateTokenOptions = {
  readonly role: RoleName;
  readonly target?: readonly string[];
  readonly action?: readonly string[];
  /** Days; `null`: never; absent: as the hub likes. */
  readonly expires?: number | null;
};
export type LinkOptions = { readonly name?: string; readonly role: RoleName };
export type AuditOptions = { readonly limit: number; readonly before?: string };

const roles = (description: string, standard: RoleName) =>
  new Option('--role <role>', description).choices(['viewer', 'operator', 'admin']).default(standard);

export function addAccessCommands(program: Command, run: Run): void {
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
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/login.ts')).login(context)),
    );
  program
    .command('logout')
    .description('forget the token of a profile; `token revoke` makes it void for everybody')
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/login.ts')).logout(context)),
    );
  program
    .command('whoami')
    .description('who one is for the hub, and what that allows')
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/whoami.ts')).whoAmI(context)),
    );

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
      run(command, async (context) =>
        (await import('../commands/tokens.ts')).createToken(context, name, options),
      ),
    );
  token
    .command('list')
    .description('tokens and sessions of browsers, with their last use')
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/tokens.ts')).listTokens(context)),
    );
  token
    .command('revoke')
    .description('make tokens or sessions void; their open connections end at once')
    .argument('<id...>', 'ids of `token list`')
    .action((ids: readonly string[], _options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/tokens.ts')).revokeTokens(context, ids)),
    );
  token
    .command('link')
    .description('make a link that signs a browser in, good once for 15 minutes')
    .option('--name <text>', 'who it is for')
    .addOption(roles('what it allows', 'viewer'))
    .addHelpText('after', examples('token link --role operator --name "phone of Alice"'))
    .action((options: LinkOptions, command: Command) =>
      run(command, async (context) => (await import('../commands/tokens.ts')).createLink(context, options)),
    );
  program
    .command('audit')
    .description('who did what, from where, on which target, newest first')
    .option('-n, --limit <count>', 'how many', countUpTo(1000), 50)
    .option('--before <cursor>', '`next` of an earlier answer in JSON')
    .addHelpText(
      'after',
      examples('audit -n 20', 'audit --json | jq ".entries[] | select(.verdict==\\"denied\\")"'),
    )
    .action((options: AuditOptions, command: Command) =>
      run(command, async (context) => (await import('../commands/audit.ts')).showAudit(context, options)),
    );
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
