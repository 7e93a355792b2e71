import { usageError } from '../errors/cli-error.ts';
import type { Context } from '../runtime/context.ts';
import { isChosen, type TargetChoice } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { interruption } from '../terminal/interrupted.ts';
import { shortagesNow } from '../texts/trouble.ts';

/** Runs `booner status --watch`. JSON: one `GET /system/status?version=2` snapshot per line. */
export function watchStatus(context: Context, choice: TargetChoice): Promise<undefined> {
  return withHub(context, async (client, hub) => {
    const { terminal, isJson } = context;
    if (!isJson && !(terminal.isTty && process.stdin.isTTY)) {
      throw usageError('--watch requires a terminal', 'use --watch --json to print one line per change');
    }
    // Fails early if the hub is unreachable or denies access.
    await client.readStatus();
    if (!isJson) {
      const { showWatchScreen } = await import('../watch/watch-screen.ts');
      return showWatchScreen({ client, hubUrl: hub.url, terminal, choice });
    }
    using stop = interruption();
    const unsubscribe = client.fleet.subscribe(() => {
      const fleet = client.fleet.getSnapshot();
      if (fleet === null) return;
      const targets = [...fleet.targets.values()].filter(isChosen(choice, shortagesNow));
      terminal.printJsonLine({ type: 'snapshot', ...fleet, targets });
    });
    await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
    unsubscribe();
  });
}
