import type { AlertChange, BoonerClient, Store } from '@booner/client';
import type { Alert } from '@booner/protocol';
import { type ViewSelector, viewSubjectOf } from '@booner/protocol/selector';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import type { Context } from '../runtime/context.ts';
import { timeText } from '../terminal/figures.ts';
import { interruption } from '../terminal/interrupted.ts';
import { safeText } from '../terminal/safe-text.ts';
import { changedAtMs, changeText, readingText, severityText, subjectText } from '../texts/alert-texts.ts';

type Filters = { readonly selector?: ViewSelector | undefined; readonly rule?: string | undefined };

/**
 * Prints the open alerts, oldest first, then each change, until it is interrupted. An outage of the
 * hub delays changes and loses none.
 */
export async function followAlerts(
  client: BoonerClient,
  { terminal, isJson }: Pick<Context, 'terminal' | 'isJson'>,
  { selector, rule }: Filters,
): Promise<undefined> {
  using stop = interruption();
  using ends = new DisposableStack();
  // Fails early if the hub is unreachable or denies access.
  await client.listAlerts({ status: 'firing', rule, signal: stop.signal });
  const { fleet } = client;
  if (selector !== undefined) {
    ends.defer(fleet.subscribe(() => undefined)); // which has the labels
    await until(fleet, (picture) => picture !== null, stop.signal);
  }
  const matches = (alert: Alert): boolean => {
    if (rule !== undefined && alert.rule !== rule) return false;
    if (alert.host === null) return selector === undefined || selector.text === '*';
    const target = fleet.getSnapshot()?.targets.get(alert.host) ?? { host: alert.host };
    return selector?.matches(viewSubjectOf(target)) ?? true;
  };
  const print = (change: AlertChange) => {
    const alert = change.alert ?? endedOf(change.previous);
    if (alert === null || !matches(alert)) return;
    if (isJson) return terminal.printJsonLine(alert);
    const text = changeText(change);
    if (text === null) return;
    const cells = [
      timeText(changedAtMs(change) ?? client.nowMs()),
      severityText(alert.severity, terminal),
      safeText(alert.rule),
      subjectText(alert),
      text,
      alert.endedAtMs === null ? readingText(alert) : '',
    ];
    terminal.print(cells.filter((cell) => cell !== '').join('  '));
  };
  let isListed = false;
  ends.defer(client.onAlertChange((change) => isListed && print(change)));
  await until(
    client.alerts,
    ({ isLoaded }) => isLoaded,
    stop.signal,
    ({ alerts }) => {
      isListed = true;
      const open = [...alerts.values()].sort((a, b) => a.startedAtMs - b.startedAtMs);
      for (const alert of open) print({ alert, previous: null });
    },
  );
  await untilStopped(client, terminal, stop.signal);
}

const endedOf = (previous: Alert | null): Alert | null =>
  previous === null ? null : { ...previous, status: 'resolved' };

/**
 * Resolves when a store has a value, or on the signal.
 * @param use takes the value in the turn in which the store has it
 */
function until<T>(
  store: Store<T>,
  isWanted: (value: T) => boolean,
  signal: AbortSignal,
  use: (value: T) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    const finish = () => {
      isOver = true;
      end();
      resolve();
    };
    const look = () => {
      const value = store.getSnapshot();
      if (isOver || !isWanted(value)) return;
      finish();
      use(value);
    };
    const end = store.subscribe(look);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
    else look();
  });
}

/** Resolves on the signal. Says when the hub is away, and rejects if it refuses this client. */
function untilStopped(
  { connections }: BoonerClient,
  terminal: Context['terminal'],
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isAway = false;
    const look = () => {
      const { type, reason } = connections.alerts.getSnapshot();
      if (type === 'offline' && reason.code === 'refused') {
        end();
        return reject(new CliError(reason.detail, EXIT.refused, 'run `booner login` to store a token'));
      }
      if (type === 'offline' && !isAway) terminal.note(`${reason.detail}: retrying`);
      if (type === 'offline' || type === 'live') isAway = type === 'offline';
    };
    const end = connections.alerts.subscribe(look);
    const stop = () => {
      end();
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
