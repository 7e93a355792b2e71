import type { SecretList } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

/** Adds `booner secret list`. */
export function addSecretListCommand(secret: Command, run: Run): void {
  secret
    .command('list')
    .description('list secrets, where they are set, and who set them; never their values')
    .addHelpText('after', examples('secret list', 'secret list --json'))
    .action((_options: object, command: Command) => run(command, listSecrets));
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'HOST', shrinksTo: 12 },
  { title: 'SET', align: 'right' },
  { title: 'BY', shrinksTo: 8, dispensable: 1 },
  { title: 'STATE', shrinksTo: 8 },
];

const STATES = {
  usable: ['green', 'usable'],
  key_changed: ['red', 'runner has another key: set it again'],
  unknown: ['yellow', 'no runner now'],
} as const satisfies Record<
  SecretList['secrets'][number]['targets'][number]['state'],
  readonly [string, string]
>;

/** Runs `booner secret list`. JSON: the response of `GET /secrets`. */
function listSecrets(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const list = await client.listSecrets();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(list);
    if (list.secrets.length === 0) {
      return void terminal.note('No secrets. Run `booner secret set --help` to see how to set one.');
    }
    const nowMs = Date.now();
    const rows = list.secrets.flatMap(({ name, targets }) =>
      targets.map(({ host, setAtMs, setBy, state }) => {
        const [style, text] = STATES[state];
        return [
          safeText(name),
          safeText(host),
          whenText(setAtMs, nowMs),
          safeText(setBy ?? ''),
          terminal.style(style, text),
        ];
      }),
    );
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}
