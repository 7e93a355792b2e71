import type { HookDelivery, SavedHook, ShownHook } from '@booner/protocol';
import { ageText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Styling = Pick<Terminal, 'style'>;

/** Formats whether a hook starts anything, and if not, why. */
export function hookStateText({ paused, issue }: ShownHook, terminal: Styling): string {
  if (paused !== null) return terminal.style('yellow', safeText(paused));
  return issue === null ? 'active' : terminal.style('red', safeText(issue));
}

/** Formats what became of a delivery. */
export function deliveryText({ outcome }: HookDelivery, terminal: Styling): string {
  switch (outcome) {
    case 'started':
      return terminal.style('green', outcome);
    case 'refused':
      return terminal.style('red', outcome);
    case 'ignored':
    case 'replayed':
      return terminal.style('dim', outcome);
    default:
      return outcome satisfies never;
  }
}

/** Formats the last delivery: `started 5 h ago`; empty if there was none. */
export function lastDeliveryText(
  { deliveries: [last] }: ShownHook,
  nowMs: number,
  terminal: Styling,
): string {
  return last === undefined ? '' : `${deliveryText(last, terminal)} ${ageText(last.atMs, nowMs)}`;
}

/** Returns the lines that show a new URL and secret, which nothing shows again. */
export const newKeyLines = ({ url, secret }: SavedHook): readonly string[] =>
  url === null || secret === null ? [] : [`URL:    ${safeText(url)}`, `Secret: ${safeText(secret)}`];

/** Returns what a hook runs its action on: a selector, or one host. */
export const hookTargetText = ({ hook: { selector, host } }: ShownHook): string =>
  safeText(selector ?? `host=${host}`);
