import displayWidth from 'string-width';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Fact = readonly [name: string, value: string | number | null | undefined];

/** Names and values in two columns; what has no value is left out. Colours of values are their maker's own. */
export function printFacts(terminal: Terminal, facts: readonly Fact[]): void {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  for (const [name, value] of shown) {
    const text = terminal.hasColor ? String(value) : safeText(String(value));
    terminal.print(`${terminal.style('dim', name.padEnd(width))}  ${text}`);
  }
}
