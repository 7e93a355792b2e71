import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import type { NewAuditEntry } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { type AuditEvent, AuditLog } from './audit-log.ts';

const event = (changes: Partial<AuditEvent> = {}): AuditEvent => ({
  principal: null,
  address: '10.0.0.9',
  verb: 'task.create',
  target: '10.0.0.2',
  detail: null,
  verdict: 'allowed',
  ...changes,
});

/** Runs an audit log until the work is done. @returns the written entries and the log lines */
async function written(work: (log: AuditLog) => void | Promise<void>, { fails = 0 } = {}) {
  const entries: NewAuditEntry[] = [];
  const { log, lines } = recordingLog();
  let failures = fails;
  const appendAudit = async (...given: readonly NewAuditEntry[]) => {
    if (failures-- > 0) throw new BusError('disconnected', 'unreachable');
    entries.push(...given);
  };
  const audit = new AuditLog({ bus: { appendAudit }, log });
  const stop = new AbortController();
  const running = audit.run({ signal: stop.signal });
  await work(audit);
  stop.abort();
  await running;
  return { entries, lines };
}

describe('the audit log', () => {
  it('hides secrets in paths, of which the key of a heartbeat is a part', async () => {
    const path = `/heartbeats/bnh_${'x'.repeat(43)}`;
    const { entries, lines } = await written((audit) => {
      audit.record(
        event({ verb: `PUT ${path}`.slice(0, 64), target: path, detail: path, verdict: 'denied' }),
      );
    });
    const hidden = '/heartbeats/bnh_[redacted]';
    expect(entries).toMatchObject([{ verb: `PUT ${hidden}`, target: hidden, detail: hidden }]);
    expect(JSON.stringify([entries, lines])).not.toContain('xxx');
  });

  it('writes events in order, before a stopping hub disconnects from the bus', async () => {
    const { entries } = await written((audit) => {
      for (let n = 0; n < 20; n += 1) audit.record(event({ detail: `${n}` }));
    });
    expect(entries.map(({ detail }) => detail)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
    expect(entries[0]).toMatchObject({ subject: null, address: '10.0.0.9', verdict: 'allowed' });
  });

  it('keeps control characters out of its entries and of the log', async () => {
    const esc = String.fromCharCode(0x1b);
    const c1 = String.fromCharCode(0x9b);
    const rtl = String.fromCharCode(0x202e);
    const hostile = `/tokens/${esc}]0;x${c1}31m${rtl}\n`;
    const { entries, lines } = await written((audit) =>
      audit.record(event({ verb: `GET ${hostile}`, target: hostile, detail: hostile, verdict: 'denied' })),
    );
    const shown = '/tokens/?]0;x?31m??';
    expect(entries).toMatchObject([{ verb: `GET ${shown}`, target: shown, detail: shown }]);
    for (const field of ['verb: `GET ', "target: '", "detail: '"]) {
      expect(lines[0]?.text).toContain(`${field.replace('`', "'")}${shown}'`);
    }
  });

  it('delays no request while the bus is unreachable, and logs at the end that entries are missing', async () => {
    const { entries, lines } = await written((audit) => audit.record(event()), { fails: 1000 });
    expect(entries).toEqual([]);
    const logged = lines.filter(({ level }) => level !== 'debug');
    expect(logged.map(({ message }) => message)).toEqual([
      'the last audit entries could not be written before the hub stopped',
    ]);
  });

  it('cannot be flushed out by repeating an allowed action, such as a sign-in', async () => {
    const repeated = (n: number) => [
      event({ verb: 'sign_in', target: `session-${n}` }),
      event({ verb: 'sign_out', target: null }),
      event({ verb: 'task.cancel', target: 'task-1' }),
      event({ verb: 'task.create', target: '10.0.0.2', detail: `task ${n}` }), // a different one each time
    ];
    const { entries, lines } = await written((audit) => {
      for (let n = 0; n < 500; n += 1) for (const each of repeated(n)) audit.record(each);
    });
    const count = (verb: string) => entries.filter((entry) => entry.verb === verb).length;
    expect([count('sign_in'), count('sign_out'), count('task.cancel')]).toEqual([11, 11, 11]);
    expect(count('task.create')).toBe(500);
    expect(entries.filter(({ verb }) => verb === 'task.cancel').at(-1)).toMatchObject({
      target: 'task-1',
      detail: '490 more like this',
      verdict: 'allowed',
    });
    expect(lines).toEqual([]);
  });

  it('writes two entries for any number of refusals of one kind: the first, and a count of the rest', async () => {
    const { entries, lines } = await written((audit) => {
      for (let n = 0; n < 5000; n += 1)
        audit.record(event({ verdict: 'denied', target: `/${n}`, detail: 'no' }));
    });
    expect(entries.map(({ target, detail }) => ({ target, detail }))).toEqual([
      { target: '/0', detail: 'no' },
      { target: null, detail: '4999 more like this' },
    ]);
    expect(lines).toHaveLength(1);
  });

  it('writes a bounded number of entries for refusals from any number of addresses', async () => {
    const { entries, lines } = await written((audit) => {
      for (let n = 0; n < 5000; n += 1) {
        audit.record(event({ verdict: 'denied', address: `10.0.${n >> 8}.${n & 255}` }));
      }
    });
    expect(entries).toHaveLength(51);
    expect(entries.at(-1)).toMatchObject({ verb: 'many', detail: '4950 other refusals' });
    expect(lines).toHaveLength(50);
  });

  it('is read back from the bus, newest first', async () => {
    await using bus = createMemoryBus().startAccess();
    const { log } = recordingLog();
    const audit = new AuditLog({ bus, log });
    audit.record(event({ detail: 'first' }));
    audit.record(event({ detail: 'second' }));
    const stop = new AbortController();
    stop.abort();
    await audit.run({ signal: stop.signal });
    const { entries, next } = await bus.readAudit({ limit: 10 });
    expect(entries.map(({ detail }) => detail)).toEqual(['second', 'first']);
    expect(next).toBeNull();
  });
});
