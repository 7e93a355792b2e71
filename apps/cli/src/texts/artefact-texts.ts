import type { TaskArtefacts } from '@booner/protocol';
import { bytesText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ARTEFACT', shrinksTo: 12 },
  { title: 'SIZE', align: 'right' },
  { title: 'SHA-256 OR REASON', shrinksTo: 16 },
];

/** Formats the artefacts of a task as a table; nothing if it has none. */
export function artefactLines({ files, missing }: TaskArtefacts, terminal: Terminal): readonly string[] {
  const rows = [
    ...files.map(({ name, bytes, sha256 }) => [safeText(name), bytesText(bytes), safeText(sha256)]),
    ...missing.map(({ name, reason }) => [
      safeText(name),
      'not kept',
      terminal.style('yellow', safeText(reason)),
    ]),
  ];
  return rows.length === 0 ? [] : renderTable(COLUMNS, rows, terminal);
}
