import type { AccessBus } from '@booner/bus';
import { type AuditVerdict, type NewAuditEntry, visibleText } from '@booner/protocol';
import { createFailureLog, type FailureLog, type Logger, retry, runLoop, sleep } from '@booner/service';
import { networkOf } from '../http/address.ts';
import type { Principal } from './principal.ts';

/** Entries that wait for the bus; beyond them the oldest go, and the log says how many. */
const MAX_WAITING = 1000;
/** Refusals of one kind within this time are two entries: the first, and how many followed. */
const WINDOW_MS = 60_000;
const SWEEP_INTERVAL_MS = 5000;
/** Kinds of refusals that are told apart in one window: together they bound what strangers can write to some 100 entries a minute. */
const MAX_KINDS = 50;
/** The same event of the same person is written this often within that time, then counted: nobody pushes out what they did by repeating something. */
const EACH_WRITTEN = 10;
/** Deeds that are told apart in one window; beyond them the one that began first is forgotten. */
const MAX_EVENTS = 1000;
const FLUSH_DEADLINE_MS = 700;
const MAX_TEXT = 500;

/** What somebody did, or was kept from. */
export type AuditEvent = {
  readonly principal: Principal | null;
  readonly address: string;
  readonly verb: string;
  readonly target: string | null;
  readonly detail: string | null;
  readonly verdict: AuditVerdict;
};

type Kind = { readonly event: AuditEvent; readonly sinceMs: number; repeats: number };

/**
 * Writes the audit log. Nobody waits for it: entries go to the bus in their order, as soon as it can be reached, and each refusal to
 * this hub's own log as well. A event that was done before the bus went away is written when it is back, unless the hub is killed first.
 */
export class AuditLog {
  readonly #bus: Pick<AccessBus, 'appendAudit'>;
  readonly #log: Logger;
  readonly #windowMs: number;
  readonly #waiting: NewAuditEntry[] = [];
  readonly #kinds = new Map<string, Kind>();
  readonly #events = new Map<string, Kind>();
  readonly #failures: FailureLog;
  readonly #stop = new AbortController();
  #writing: Promise<void> | null = null;
  #lost = 0;
  #crowded = 0;

  constructor({
    bus,
    log,
    windowMs = WINDOW_MS,
  }: { bus: Pick<AccessBus, 'appendAudit'>; log: Logger; windowMs?: number }) {
    this.#bus = bus;
    this.#log = log;
    this.#windowMs = windowMs;
    this.#failures = createFailureLog(log, {
      failing: 'the audit log cannot be written',
      recovered: 'the audit log is written again',
    });
  }

  record(given: AuditEvent): void {
    const event = visible(given);
    if (event.verdict === 'allowed') {
      if (!this.#isOneTooMany(event)) this.#write(entryOf(event));
      return;
    }
    const key = [
      networkOf(event.address),
      event.principal?.credential?.id ?? '',
      event.verb,
      event.verdict,
    ].join(' ');
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.repeats += 1;
      return;
    }
    if (this.#kinds.size >= MAX_KINDS) {
      this.#crowded += 1;
      return;
    }
    this.#kinds.set(key, { event, sinceMs: performance.now(), repeats: 0 });
    const { verb, address, verdict, target, detail } = event;
    const subject = event.principal?.subject ?? null;
    this.#log.info({ verb, subject, address, target, detail, verdict }, 'a request was refused');
    this.#write(entryOf(event));
  }

  /** Tells of repeated refusals until the signal aborts; then what waits gets a moment to be written. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const sweep = () => this.#tellRepeats(performance.now() - this.#windowMs);
    await runLoop({ run: sweep, intervalMs: SWEEP_INTERVAL_MS, failures: this.#failures }, { signal });
    this.#tellRepeats(Number.POSITIVE_INFINITY);
    await Promise.race([this.#writing, sleep(FLUSH_DEADLINE_MS, this.#stop.signal)]);
    this.#stop.abort(); // what is under way to a bus that does not answer is not waited for
    if (this.#writing !== null) {
      this.#log.error(
        { entries: Math.max(1, this.#waiting.length) },
        'the end of the audit log could not be written',
      );
    }
  }

  /** Counts what is allowed. */
  #isOneTooMany(event: AuditEvent): boolean {
    const key = eventKey(event);
    const known = this.#events.get(key);
    if (known !== undefined) {
      known.repeats += 1;
      return known.repeats >= EACH_WRITTEN;
    }
    const [oldest] = this.#events;
    if (oldest !== undefined && this.#events.size >= MAX_EVENTS) this.#endEvent(...oldest);
    this.#events.set(key, { event, sinceMs: performance.now(), repeats: 0 });
    return false;
  }

  #endEvent(key: string, { event, repeats }: Kind): void {
    this.#events.delete(key);
    const more = repeats + 1 - EACH_WRITTEN;
    if (more > 0) this.#write(entryOf({ ...event, detail: `${more} more like the ones before` }));
  }

  #tellRepeats(beginningBeforeMs: number): void {
    for (const [key, kind] of this.#events) if (kind.sinceMs <= beginningBeforeMs) this.#endEvent(key, kind);
    for (const [key, { event, sinceMs, repeats }] of this.#kinds) {
      if (sinceMs > beginningBeforeMs) continue;
      this.#kinds.delete(key);
      if (repeats === 0) continue;
      this.#write(entryOf({ ...event, target: null, detail: `${repeats} more like the one before` }));
    }
    if (this.#crowded === 0) return;
    this.#write({
      ...entryOf({
        principal: null,
        address: '',
        verb: 'many',
        target: null,
        detail: `${this.#crowded} refusals of more kinds`,
        verdict: 'denied',
      }),
    });
    this.#crowded = 0;
  }

  #write(entry: NewAuditEntry): void {
    this.#waiting.push(entry);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    const options = { failures: this.#failures };
    for (let entry = this.#waiting.shift(); entry !== undefined; entry = this.#waiting.shift()) {
      const next = entry;
      const written = await retry(() => this.#bus.appendAudit(next), options, this.#stop);
      if (written === 'aborted') {
        this.#waiting.unshift(next);
        return;
      }
      if (this.#lost === 0) continue;
      this.#log.error(
        { entries: this.#lost },
        'entries of the audit log were lost: the bus was unreachable for too long',
      );
      this.#lost = 0;
    }
  }
}

/** Each sign-in makes another session, and says nothing new by that. */
const eventKey = ({ principal, address, verb, target, detail }: AuditEvent): string => {
  const about = verb.startsWith('sign_') ? [] : [principal?.credential?.id, target, detail];
  return JSON.stringify([principal?.subject, networkOf(address), verb, ...about]);
};

/** Strangers write into paths; what would move the cursor or turn the line of whoever reads a log comes out as `?`. */
function visible(event: AuditEvent): AuditEvent {
  const clean = (text: string) => visibleText(text, '?');
  const { verb, target, detail } = event;
  return { ...event, verb: clean(verb), target: target && clean(target), detail: detail && clean(detail) };
}

function entryOf({ principal, address, verb, target, detail, verdict }: AuditEvent): NewAuditEntry {
  return {
    atMs: Date.now(),
    subject: principal?.subject ?? null,
    credentialId: principal?.credential?.id ?? null,
    address: address === '' ? null : address.slice(0, 100),
    verb,
    target: target?.slice(0, MAX_TEXT) ?? null,
    detail: detail?.slice(0, MAX_TEXT) ?? null,
    verdict,
  };
}
