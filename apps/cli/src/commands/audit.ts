import type { AuditEntry } from '@booner/protocol';
import type { AuditOptions } from '../program/access-commands.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'TIME' },
  { title: 'WHO', shrinksTo: 8 },
  { title: 'FROM', dispensable: 2 },
  { title: 'WHAT' },
  { title: 'ON', shrinksTo: 10 },
  { title: 'VERDICT' },
  { title: 'DETAIL', shrinksTo: 10, dispensable: 3 },
];
const STYLES = { allowed: 'reset', denied: 'red', failed: 'yellow' } as const satisfies Record<
  AuditEntry['verdict'],
  string
>;

/** `booner audit`. JSON is the answer of `GET /audit`: `{entries, next}`. */
export function showAudit(context: Context, { limit, before }: AuditOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const page = await client.readAudit({ limit, before });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    const rows = page.entries.map((entry) => [
      timeText(entry.atMs),
      safeText(entry.subject ?? 'nobody'),
      entry.address ?? '',
      safeText(entry.verb),
      safeText(entry.target ?? ''),
      terminal.style(STYLES[entry.verdict], entry.verdict),
      safeText(entry.detail ?? ''),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}
