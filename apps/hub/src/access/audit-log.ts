import type { AccessBus } from '@booner/bus';
import { type AuditVerdict, hideSecrets, type NewAuditEntry, visibleText } from '@booner/protocol';
import { createFailureLog, type FailureLog, type Logger, retry, runLoop, sleep } from '@booner/service';
import { networkOf } from '../http/address.ts';
import type { AuditFile } from './audit-file.ts';
import type { Principal } from './principal.ts';

/** Entries that may wait for the bus. Beyond them the oldest are dropped and counted. */
const MAX_WAITING = 1000;
/** Entries written in one step: those that came while the ones before were written. */
const MAX_TOGETHER = 100;
/** Refusals of one kind within this window make two entries: the first, and a count of the rest. */
const WINDOW_MS = 60_000;
const SWEEP_INTERVAL_MS = 5000;
/**
 * Kinds of refusals counted separately in one window. With {@link WINDOW_MS}, this limits
 * unauthenticated clients to about 100 entries a minute.
 */
const MAX_REFUSED_KINDS = 50;
/**
 * Identical actions are logged up to this many times per window and only counted after that, so
 * repetition cannot push out evidence.
 */
const MAX_IDENTICAL = 10;
/** Allowed actions counted separately in one window. Beyond them the oldest window is closed. */
const MAX_ALLOWED_KINDS = 1000;
const FLUSH_DEADLINE_MS = 700;
const MAX_TEXT_LENGTH = 500;

/** An action that a client performed, or that it was refused. */
export type AuditEvent = {
  readonly principal: Principal | null;
  readonly address: string;
  readonly verb: string;
  readonly target: string | null;
  readonly detail: string | null;
  readonly verdict: AuditVerdict;
};

export type AuditLogDeps = {
  readonly bus: Pick<AccessBus, 'appendAudit'>;
  /** Gets a copy of each entry. Default: none. */
  readonly file?: Pick<AuditFile, 'append'> | null;
  readonly log: Logger;
  readonly windowMs?: number;
};

/** Similar events in one window. */
type Group = { readonly event: AuditEvent; readonly sinceMs: number; repeats: number };

/**
 * Writes the audit log. Requests do not wait for it: entries go to the bus in order, as soon as it
 * can be reached. The first refusal of each kind also goes to this hub's own log. Entries that
 * could not be written during an outage are written after it, unless the hub is killed first.
 */
export class AuditLog {
  readonly #bus: Pick<AccessBus, 'appendAudit'>;
  readonly #file: Pick<AuditFile, 'append'> | null;
  readonly #log: Logger;
  readonly #windowMs: number;
  readonly #waiting: NewAuditEntry[] = [];
  readonly #refused = new Map<string, Group>();
  readonly #allowed = new Map<string, Group>();
  readonly #failures: FailureLog;
  readonly #stop = new AbortController();
  #writing: Promise<void> | null = null;
  #lost = 0;
  #otherRefusals = 0;

  constructor({ bus, file = null, log, windowMs = WINDOW_MS }: AuditLogDeps) {
    this.#bus = bus;
    this.#file = file;
    this.#log = log;
    this.#windowMs = windowMs;
    this.#failures = createFailureLog(log, {
      failing: 'the audit log cannot be written',
      recovered: 'the audit log can be written again',
    });
  }

  record(given: AuditEvent): void {
    const event = visible(given);
    if (event.verdict === 'allowed') {
      if (!this.#isRepeated(event)) this.#write(entryOf(event));
      return;
    }
    const key = [
      networkOf(event.address),
      event.principal?.credential?.id ?? '',
      event.verb,
      event.verdict,
    ].join(' ');
    const group = this.#refused.get(key);
    if (group !== undefined) {
      group.repeats += 1;
      return;
    }
    if (this.#refused.size >= MAX_REFUSED_KINDS) {
      this.#otherRefusals += 1;
      return;
    }
    this.#refused.set(key, { event, sinceMs: performance.now(), repeats: 0 });
    const { verb, address, verdict, target, detail } = event;
    const subject = event.principal?.subject ?? null;
    this.#log.info({ verb, subject, address, target, detail, verdict }, 'a request was refused');
    this.#write(entryOf(event));
  }

  /** Writes counts of repeated events until the signal aborts, then flushes what is waiting. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const sweep = () => this.#writeRepeats(performance.now() - this.#windowMs);
    await runLoop({ run: sweep, intervalMs: SWEEP_INTERVAL_MS, failures: this.#failures }, { signal });
    this.#writeRepeats(Number.POSITIVE_INFINITY);
    await Promise.race([this.#writing, sleep(FLUSH_DEADLINE_MS, this.#stop.signal)]);
    this.#stop.abort(); // also abandons a write to a bus that does not answer
    if (this.#writing !== null) {
      this.#log.error(
        { entries: Math.max(1, this.#waiting.length) },
        'the last audit entries could not be written before the hub stopped',
      );
    }
  }

  /** Counts an allowed event. Returns true if it is too frequent for an entry of its own. */
  #isRepeated(event: AuditEvent): boolean {
    const key = eventKey(event);
    const known = this.#allowed.get(key);
    if (known !== undefined) {
      known.repeats += 1;
      return known.repeats >= MAX_IDENTICAL;
    }
    const [oldest] = this.#allowed;
    if (oldest !== undefined && this.#allowed.size >= MAX_ALLOWED_KINDS) this.#closeWindow(...oldest);
    this.#allowed.set(key, { event, sinceMs: performance.now(), repeats: 0 });
    return false;
  }

  #closeWindow(key: string, { event, repeats }: Group): void {
    this.#allowed.delete(key);
    const more = repeats + 1 - MAX_IDENTICAL;
    if (more > 0) this.#write(entryOf({ ...event, detail: `${more} more like this` }));
  }

  #writeRepeats(startedByMs: number): void {
    for (const [key, group] of this.#allowed) {
      if (group.sinceMs <= startedByMs) this.#closeWindow(key, group);
    }
    for (const [key, { event, sinceMs, repeats }] of this.#refused) {
      if (sinceMs > startedByMs) continue;
      this.#refused.delete(key);
      if (repeats === 0) continue;
      this.#write(entryOf({ ...event, target: null, detail: `${repeats} more like this` }));
    }
    if (this.#otherRefusals === 0) return;
    this.#write({
      ...entryOf({
        principal: null,
        address: '',
        verb: 'many',
        target: null,
        detail: `${this.#otherRefusals} other refusals`,
        verdict: 'denied',
      }),
    });
    this.#otherRefusals = 0;
  }

  #write(entry: NewAuditEntry): void {
    this.#file?.append(entry);
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
    while (this.#waiting.length > 0) {
      const next = this.#waiting.splice(0, MAX_TOGETHER);
      const written = await retry(() => this.#bus.appendAudit(...next), options, this.#stop);
      if (written === 'aborted') {
        this.#waiting.unshift(...next);
        return;
      }
      if (this.#lost === 0) continue;
      this.#log.error(
        { entries: this.#lost },
        'audit entries were lost: the bus was unreachable for too long',
      );
      this.#lost = 0;
    }
  }
}

/** Identifies an action. Sign-ins leave out the session, which is a new one each time. */
const eventKey = ({ principal, address, verb, target, detail }: AuditEvent): string => {
  const credential = principal?.credential;
  const about = verb.startsWith('sign_')
    ? [credential?.parentId, credential?.subject]
    : [principal?.subject, credential?.id, target, detail];
  return JSON.stringify([networkOf(address), verb, ...about]);
};

/**
 * Hides secrets, which paths can have, and replaces control characters and text direction marks by
 * `?`: unauthenticated clients choose paths, and terminals show logs.
 */
function visible(event: AuditEvent): AuditEvent {
  const clean = (text: string) => visibleText(hideSecrets(text), { replacement: '?' });
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
    target: target?.slice(0, MAX_TEXT_LENGTH) ?? null,
    detail: detail?.slice(0, MAX_TEXT_LENGTH) ?? null,
    verdict,
  };
}
