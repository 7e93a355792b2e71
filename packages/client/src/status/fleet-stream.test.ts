import type { StatusPatch, StatusSnapshot } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { createStore } from '../store/store.ts';
import type { Fleet } from './fleet.ts';
import { createFleetStream } from './fleet-stream.ts';

const head = (sequence: number, sentAtMs: number) => ({
  sequence,
  sentAtMs,
  intervalMs: 3000,
  bus: 'connected' as const,
  mainServer: { inventory: null, measurements: null },
});
const target = (host: string, cpuUsageRatio: number) =>
  ({ host, status: 'active', cpuUsageRatio }) as unknown as StatusSnapshot['targets'][number];
const snapshot = (
  sequence: number,
  sentAtMs: number,
  ...targets: StatusSnapshot['targets']
): StatusSnapshot => ({
  type: 'snapshot',
  ...head(sequence, sentAtMs),
  targets,
});
const patch = (sequence: number, sentAtMs: number, targets: StatusPatch['targets'], removed: string[] = []) =>
  ({ type: 'patch', ...head(sequence, sentAtMs), targets, removedHosts: removed }) as StatusPatch;

/** A stream whose REST answers the test provides. */
function startStream() {
  const store = createStore<Fleet | null>(null);
  const sent: object[] = [];
  let answer: unknown = null;
  const stream = createFleetStream({ url: () => 'ws://hub', store, rest: async () => answer });
  const { signal } = new AbortController();
  return {
    stream,
    sent,
    fleet: () => store.getSnapshot(),
    open() {
      stream.onOpening();
      stream.onOpen((message) => sent.push(message));
    },
    poll(next: unknown, pollSignal = signal) {
      answer = next;
      return stream.poll(pollSignal);
    },
  };
}

describe('the stream of the fleet', () => {
  it('keeps what did not change, and takes off what is gone', () => {
    const { stream, fleet, open } = startStream();
    open();
    stream.receive(snapshot(1, 100, target('a', 0.1), target('b', 0.2), target('c', 0.3)));
    const before = fleet()!;
    stream.receive(patch(2, 200, []));
    expect(fleet()!.targets).toBe(before.targets);
    expect(fleet()!.mainServer).toBe(before.mainServer);
    stream.receive(patch(3, 300, [target('b', 0.9)], ['c']));
    expect([...fleet()!.targets.keys()]).toEqual(['a', 'b']);
    expect(fleet()!.targets.get('a')).toBe(before.targets.get('a'));
    expect(fleet()!.targets.get('b')).toMatchObject({ cpuUsageRatio: 0.9 });
  });

  it('lists a host that a patch brings where the hub lists it', () => {
    const { stream, fleet, open } = startStream();
    open();
    stream.receive(snapshot(1, 100, target('10.0.0.3', 0.1), target('10.0.0.20', 0.2)));
    stream.receive(patch(2, 200, [target('10.0.0.9', 0.3), target('10.0.0.1', 0.4)]));
    expect([...fleet()!.targets.keys()]).toEqual(['10.0.0.1', '10.0.0.3', '10.0.0.9', '10.0.0.20']);
  });

  it('asks for a snapshot when a message is missing, and takes no patch before it', () => {
    const { stream, fleet, open, sent } = startStream();
    open();
    stream.receive(patch(4, 90, [target('x', 0)]));
    stream.receive(snapshot(5, 100, target('a', 0.1)));
    stream.receive(patch(7, 300, [target('a', 0.7)]));
    stream.receive(patch(8, 400, [target('a', 0.8)]));
    expect(sent).toEqual([{ type: 'subscribe' }]);
    expect(fleet()).toMatchObject({ sequence: 5 });
    stream.receive(snapshot(8, 401, target('a', 0.8)));
    expect(fleet()).toMatchObject({ sequence: 8 });
  });

  it('does not go back when an answer of REST overtakes the first snapshot of a WebSocket', async () => {
    const { stream, fleet, open, sent, poll } = startStream();
    open();
    await poll(snapshot(12, 1200, target('a', 0.5)));
    stream.receive(snapshot(11, 1100, target('a', 0.4)));
    expect(fleet()).toMatchObject({ sentAtMs: 1200 });
    expect(sent).toEqual([{ type: 'subscribe' }]);
    stream.receive(snapshot(12, 1201, target('a', 0.5)));
    expect(fleet()).toMatchObject({ sentAtMs: 1201 });
  });

  it('believes a hub whose clock is behind, once it has said so twice', async () => {
    const { stream, fleet, open, poll } = startStream();
    open();
    await poll(snapshot(500, 90_000, target('a', 0.5)));
    stream.receive(snapshot(3, 30_000, target('a', 0.1)));
    stream.receive(snapshot(3, 30_001, target('a', 0.1)));
    expect(fleet()).toMatchObject({ sequence: 3 });
  });

  it('drops an answer of REST that was given up', async () => {
    const { fleet, poll } = startStream();
    await expect(poll(snapshot(1, 1), AbortSignal.abort())).rejects.toThrow();
    expect(fleet()).toBeNull();
  });

  it('rejects messages that no hub sends', async () => {
    const { stream, poll, fleet } = startStream();
    stream.receive({ type: 'of the future' });
    expect(() => stream.receive({ type: 'snapshot' })).toThrow('not a valid snapshot');
    await expect(poll({ main_server: {} })).rejects.toThrow('did not return a snapshot');
    expect(fleet()).toBeNull();
  });
});
