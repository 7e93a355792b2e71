import type { AuditEntry } from '@booner/protocol';
import { type Command, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

type AuditOptions = { readonly limit: number; readonly before?: string; readonly follow?: boolean };

/** Adds `booner audit`. */
export function addAuditCommand(program: Command, run: Run): void {
  program
    .command('audit')
    .description('show who did what, from where and on which target, newest first')
    .option('-n, --limit <count>', 'number of entries', countUpTo(1000), 50)
    .option('--before <cursor>', 'show entries before this cursor: `next` of an earlier --json page')
    .addOption(
      new Option('-f, --follow', 'then print new entries as they come, oldest first').conflicts('before'),
    )
    .addHelpText(
      'after',
      examples(
        'audit -n 20',
        'audit --follow',
        'audit --json | jq ".entries[] | select(.verdict==\\"denied\\")"',
      ),
    )
    .action((options: AuditOptions, command: Command) =>
      run(command, (context) => (options.follow ? follow(context, options) : showAudit(context, options))),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'TIME' },
  { title: 'WHO', shrinksTo: 16 },
  { title: 'FROM', dispensable: 2 },
  { title: 'ACTION' },
  { title: 'TARGET', shrinksTo: 10 },
  { title: 'VERDICT' },
  { title: 'DETAIL', shrinksTo: 10, dispensable: 3 },
];
const STYLES = { allowed: 'reset', denied: 'red', failed: 'yellow' } as const satisfies Record<
  AuditEntry['verdict'],
  string
>;

/** Runs `booner audit`. JSON: the response of `GET /audit`, `{entries, next}`. */
function showAudit(context: Context, { limit, before }: AuditOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const page = await client.readAudit({ limit, before });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    const rows = page.entries.map((entry) => cellsOf(entry, terminal));
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}

/** Runs `booner audit --follow`. JSON: one entry per line. */
function follow(context: Context, { limit }: AuditOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const { followAudit } = await import('./follow-audit.ts');
    const { terminal, isJson } = context;
    const print = (entry: AuditEntry) =>
      isJson
        ? terminal.printJsonLine(entry)
        : terminal.print(
            cellsOf(entry, terminal)
              .filter((cell) => cell !== '')
              .join('  '),
          );
    return followAudit(client, context, { limit, print });
  });
}

const cellsOf = (entry: AuditEntry, terminal: Pick<Terminal, 'style'>): string[] => [
  timeText(entry.atMs),
  safeText(entry.subject ?? 'anonymous'),
  entry.address ?? '',
  safeText(entry.verb),
  safeText(entry.target ?? ''),
  terminal.style(STYLES[entry.verdict], entry.verdict),
  safeText(entry.detail ?? ''),
];
