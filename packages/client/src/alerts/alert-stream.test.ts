import type { Alert, AlertPage, AlertSettingKind, Cursor } from '@booner/protocol';
import { parseCursor } from '@booner/protocol/cursor';
import { makeAlert } from '@booner/testkit/make-alert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlertCache, type AlertChange } from './alert-cache.ts';
import { createAlertStream } from './alert-stream.ts';

const at = (position: number) => `${position}-0` as Cursor;
const numberOf = (cursor: unknown) => Number(parseCursor(String(cursor))!.split('-')[0]);
const resolved = (id: string) => makeAlert(id, { status: 'resolved', endedAtMs: 2_000_000_000_000 });
const snapshot = (position: number, ...alerts: Alert[]) => ({
  type: 'snapshot',
  cursor: at(position),
  bus: 'connected',
  alerts,
});
const event = (position: number, ...alerts: Alert[]) => ({ type: 'event', cursor: at(position), alerts });
const settings = (position: number, kind: AlertSettingKind) => ({
  type: 'settings',
  cursor: at(position),
  kind,
});
const page = (position: number, ...alerts: Alert[]): AlertPage => ({
  alerts,
  next: null,
  position: at(position),
});

/** A stream whose REST answers the test provides. */
function startStream() {
  const cache = new AlertCache();
  const changes: AlertChange[] = [];
  const settingChanges: (AlertSettingKind | null)[] = [];
  const sent: object[] = [];
  let answer: () => Promise<AlertPage> = () => Promise.reject(new Error('no answer'));
  const stream = createAlertStream({
    requests: { listAlerts: () => answer() },
    url: (cursor) => String(cursor),
    intervalMs: () => 3000,
    cache,
    onChange: (changed) => void changes.push(...changed),
    onBus: () => {},
    onSettings: (kind) => void settingChanges.push(kind),
  });
  return {
    stream,
    sent,
    changes,
    settingChanges,
    ids: () => [...cache.alerts.keys()],
    alerts: () => cache.alerts,
    /** Opens a WebSocket. Returns the cursor that it asks for. */
    open() {
      stream.onLost();
      stream.onOpening();
      const cursor = stream.url();
      stream.onOpen((message) => sent.push(message));
      return cursor;
    },
    poll(next: AlertPage | Promise<AlertPage>, signal = new AbortController().signal) {
      answer = async () => next;
      return stream.poll(signal);
    },
  };
}

describe('the stream of alerts', () => {
  it('shows a snapshot, then what begins, changes and ends', () => {
    const { stream, ids, changes, open } = startStream();
    expect(open()).toBe('null');
    stream.receive(snapshot(5, makeAlert('a')));
    expect([stream.isLoaded, stream.bus, changes]).toEqual([true, 'connected', []]);
    stream.receive(event(6, makeAlert('b', { severity: 'crit' })));
    stream.receive(event(7, resolved('a')));
    expect(ids()).toEqual(['b']);
    expect(changes).toMatchObject([
      { alert: { id: 'b' }, previous: null },
      { alert: { id: 'a', status: 'resolved' }, previous: { id: 'a' } },
    ]);
    stream.receive({ type: 'bus', bus: 'disconnected' } as { type: string });
    expect(stream.bus).toBe('disconnected');
  });

  it('continues where it was, also after an answer of REST', async () => {
    const { stream, ids, open, poll } = startStream();
    open();
    stream.receive(snapshot(5));
    stream.receive(event(6, makeAlert('a')));
    expect(open()).toBe('6-0');
    await poll(page(9, makeAlert('b')));
    expect(open()).toBe('9-0');
    stream.receive({ type: 'resumed', cursor: at(9), bus: 'connected' } as { type: string });
    stream.receive(event(10, makeAlert('c', { severity: 'crit' })));
    expect(ids()).toEqual(['c', 'b']);
  });

  it('drops events that an answer of REST already shows', async () => {
    const { stream, ids, open, poll, changes } = startStream();
    open();
    stream.receive(snapshot(5));
    await poll(page(8)); // an alert began and ended meanwhile
    stream.receive(event(6, makeAlert('a')));
    stream.receive(event(8, resolved('a')));
    expect([ids(), changes]).toEqual([[], []]);
  });

  it('drops an older snapshot, and asks for the events since what it shows', async () => {
    const { stream, ids, open, poll, sent } = startStream();
    open();
    await poll(page(9, makeAlert('b')));
    stream.receive(snapshot(7, makeAlert('a')));
    expect(ids()).toEqual(['b']);
    expect(sent).toEqual([{ type: 'subscribe', cursor: '9-0' }]);
    // The hub knows the position now: its data was replaced.
    stream.receive(snapshot(2, makeAlert('c')));
    expect(ids()).toEqual(['c']);
    stream.receive(event(3, makeAlert('d', { severity: 'crit' })));
    expect(ids()).toEqual(['d', 'c']);
  });

  it('drops an answer of REST that is behind once, and believes it twice', async () => {
    const { stream, ids, open, poll } = startStream();
    open();
    stream.receive(snapshot(9, makeAlert('b')));
    await poll(page(3, makeAlert('a')));
    expect(ids()).toEqual(['b']);
    await poll(page(3, makeAlert('a')));
    expect(ids()).toEqual(['a']);
    expect(open()).toBe('3-0');
  });

  it('reports settings that changed, and those that may have', async () => {
    const { stream, settingChanges, open, poll } = startStream();
    open();
    stream.receive(snapshot(5));
    stream.receive(settings(6, 'rules'));
    stream.receive(settings(5, 'channels')); // before what it shows
    expect(settingChanges).toEqual([null, 'rules']);
    await poll(page(7));
    expect(settingChanges).toEqual([null, 'rules', null]);
    expect(open()).toBe('7-0');
  });

  it('drops an answer of REST that was given up, and rejects what no hub sends', async () => {
    const { stream, poll } = startStream();
    await expect(poll(page(1, makeAlert('a')), AbortSignal.abort())).rejects.toThrow();
    expect(stream.isLoaded).toBe(false);
    await expect(poll({ ...page(1), position: 'x' as Cursor })).rejects.toMatchObject({ code: 'bad_answer' });
    stream.receive({ type: 'of the future' });
    expect(() => stream.receive({ type: 'snapshot' })).toThrow('not a valid snapshot');
    expect(() => stream.receive({ type: 'event', cursor: at(1) } as { type: string })).toThrow(
      'not a valid event',
    );
  });

  it('never goes back and misses nothing, however hubs, WebSockets and REST are mixed', async () => {
    const LENGTH = 40;
    /** Alert `n` is open from position n to 2n, and changes on the way. */
    const stateAt = (position: number) =>
      Array.from({ length: position }, (_, index) => index + 1)
        .filter((id) => position < 2 * id)
        .map((id) =>
          makeAlert(`${id}`, { startedAtMs: id, valueText: `${Math.floor((position - id) / 3)}` }),
        );
    /** What is not as before at a position, whole. */
    const eventAt = (position: number) => {
      const before = new Map(stateAt(position - 1).map((alert) => [alert.id, alert]));
      const now = stateAt(position);
      const ended = [...before.keys()].filter((id) => !now.some((alert) => alert.id === id));
      const changed = now.filter(({ id, valueText }) => before.get(id)?.valueText !== valueText);
      return event(position, ...changed, ...ended.map(resolved));
    };
    const happening = fc.oneof(
      fc.record({ type: fc.constant('happen' as const), count: fc.nat({ max: 6 }) }),
      // A WebSocket to a hub that is behind by some events.
      fc.record({ type: fc.constant('open' as const), behind: fc.nat({ max: 5 }) }),
      fc.record({ type: fc.constant('deliver' as const), count: fc.nat({ max: 6 }) }),
      fc.record({ type: fc.constant('ask' as const) }),
      fc.record({ type: fc.constant('answer' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
        const client = startStream();
        const { stream, sent } = client;
        let truth = 0;
        /** The hub at the WebSocket: its position, and that of the last event sent. */
        let hub = 0;
        let sentTo = 0;
        /** Position that the client has and the hub does not yet. */
        let waitsFor: number | null = null;
        /** Cursor of a WebSocket that the hub has not answered yet. */
        let opening: string | null = null;
        let polling: { answer: () => void; done: Promise<void> } | null = null;
        let shown = 0;
        const check = () => {
          const wanted = Array.from({ length: truth + 1 }, (_, position) => position).filter(
            (position) => JSON.stringify([...client.alerts().values()]) === textAt(position),
          );
          if (!stream.isLoaded) return;
          expect(wanted.length).toBeGreaterThan(0); // what a hub had at some position
          expect(wanted.at(-1)).toBeGreaterThanOrEqual(shown);
          shown = Math.max(shown, wanted.find((position) => position >= shown) ?? 0);
        };
        const textAt = (position: number) => {
          const cache = new AlertCache();
          cache.takeAll(stateAt(position));
          return JSON.stringify([...cache.alerts.values()]);
        };
        const enter = (cursor: string | undefined) => {
          if (cursor === undefined || cursor === 'null') {
            sentTo = hub;
            stream.receive(snapshot(hub, ...stateAt(hub)));
          } else if (numberOf(cursor) > hub) waitsFor = numberOf(cursor);
          else {
            sentTo = numberOf(cursor);
            stream.receive({ type: 'resumed', cursor: at(sentTo), bus: 'connected' } as { type: string });
          }
        };
        const deliver = (count: number) => {
          if (opening !== null) enter(opening);
          opening = null;
          for (let n = 0; n < count; n++) {
            if (waitsFor !== null) {
              if (hub < truth) hub++;
              if (hub < waitsFor) continue;
              sentTo = waitsFor;
              waitsFor = null;
              stream.receive({ type: 'resumed', cursor: at(sentTo), bus: 'connected' } as { type: string });
            }
            if (sentTo < hub) stream.receive(eventAt(++sentTo));
            else if (hub < truth) hub++;
            for (const message of sent.splice(0)) enter((message as { cursor?: string }).cursor);
            check();
          }
        };
        for (const each of happenings) {
          if (each.type === 'happen') truth = Math.min(LENGTH, truth + each.count);
          else if (each.type === 'open') {
            waitsFor = null;
            hub = Math.max(0, truth - each.behind);
            opening = client.open();
          } else if (each.type === 'deliver') deliver(each.count);
          else if (each.type === 'ask' && polling === null) {
            const answered = page(truth, ...stateAt(truth));
            const waiting = Promise.withResolvers<AlertPage>();
            polling = {
              answer: () => waiting.resolve(answered),
              done: client.poll(waiting.promise),
            };
          } else if (each.type === 'answer' && polling !== null) {
            polling.answer();
            await polling.done;
            polling = null;
          }
          for (const message of sent.splice(0)) enter((message as { cursor?: string }).cursor);
          check();
        }
        hub = truth;
        waitsFor = null;
        opening = client.open();
        deliver(2 * LENGTH);
        expect(JSON.stringify([...client.alerts().values()])).toBe(textAt(truth));
      }),
    );
  });
});
