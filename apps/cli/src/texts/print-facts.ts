import type { JsonObject } from '@booner/protocol';
import displayWidth from 'string-width';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Fact = readonly [name: string, value: string | number | null | undefined];

/** Prints names and values in two columns, without empty values. Values may contain colors. */
export function printFacts(terminal: Terminal, facts: readonly Fact[]): void {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  for (const [name, value] of shown) {
    const text = terminal.hasColor ? String(value) : safeText(String(value));
    terminal.print(`${terminal.style('dim', name.padEnd(width))}  ${text}`);
  }
}

/** Returns parameters of an action as facts, one a parameter. */
export const paramFacts = (params: JsonObject): readonly Fact[] =>
  Object.entries(params).map(([name, value]) => [
    `param ${safeText(name)}`,
    safeText(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
