import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, FALLBACK_AFTER_MS, SETTLED_AFTER_MS } from './connection-machine.ts';
import { nextDeadline } from './deadlines.ts';
import { type Command, type Input, type Loss, STOPPED } from './machine.ts';

const closed: Loss = { cause: 'closed', detail: 'cut', mayReconnect: true, isRateLimited: false };
const INTERVAL_MS = 3000;
const RECEIVED: Input = { type: 'received', waitingFor: null };
const ASKED_TO_WAIT: Input = { type: 'received', waitingFor: 'the bus is away' };

/** A machine on a clock that the test moves. Deadlines on the way are processed. */
function startMachine({ isRegular = true, random = (): number => 0.5 } = {}) {
  let machine = STOPPED;
  let nowMs = 1_000_000;
  const done: { readonly atMs: number; readonly command: Command }[] = [];
  const context = () => ({ nowMs, random, intervalMs: INTERVAL_MS, isRegular });
  const input = (next: Input) => {
    const step = advance(machine, next, context());
    machine = step.machine;
    done.push(...step.commands.map((command) => ({ atMs: nowMs, command })));
    return step.commands;
  };
  const lose = (loss: Loss = closed) => input({ type: 'lost', loss });
  const failPoll = () =>
    input({ type: 'poll_failed', reason: { code: 'unreachable', detail: 'away' }, retryAfterMs: null });
  input({ type: 'start' });
  const startedMs = nowMs;
  return {
    input,
    lose,
    failPoll,
    done,
    get machine() {
      return machine;
    },
    get type() {
      return machine.state.type;
    },
    elapsedMs: () => nowMs - startedMs,
    /** Advances the clock, answering commands like the test's network. */
    pass(ms: number, answer: (command: Command) => Input | null = () => null) {
      const endMs = nowMs + ms;
      for (;;) {
        const deadline = nextDeadline(machine, context());
        if (deadline === null || deadline.atMs > endMs) break;
        nowMs = Math.max(nowMs, deadline.atMs);
        for (const command of input({ type: 'tick' })) {
          const reply = answer(command);
          if (reply !== null) input(reply);
        }
      }
      nowMs = endMs;
    },
    /** Advances the clock until the state is of a type. Returns the time that this took. */
    until(type: string, answer: (command: Command) => Input | null): number {
      const before = nowMs;
      while (machine.state.type !== type && nowMs - before < 60_000) this.pass(100, answer);
      return nowMs - before;
    },
    /** Runs for a while, with a message each interval. */
    live(ms: number) {
      for (let passed = 0; passed < ms; passed += INTERVAL_MS) {
        this.pass(INTERVAL_MS);
        input(RECEIVED);
      }
    },
  };
}

const commands = (machine: ReturnType<typeof startMachine>) => machine.done.map(({ command }) => command);
const refused = (command: Command): Input | null => {
  if (command === 'open') return { type: 'lost', loss: closed };
  return command === 'poll' ? { type: 'polled' } : null;
};
const back = (command: Command): Input | null => (command === 'open' ? RECEIVED : refused(command));
const gone = (command: Command): Input | null => {
  if (command === 'open') return { type: 'lost', loss: closed };
  if (command !== 'poll') return null;
  return { type: 'poll_failed', reason: { code: 'unreachable', detail: 'away' }, retryAfterMs: null };
};

describe('a connection', () => {
  it('is live with the first message of its WebSocket, not with the opening', () => {
    const machine = startMachine();
    expect(machine.machine.state).toMatchObject({
      type: 'connecting',
      reason: { code: 'starting' },
      sinceMs: 1_000_000,
      dataAtMs: null,
    });
    machine.pass(100);
    machine.input(RECEIVED);
    expect(machine.machine.state).toMatchObject({
      type: 'live',
      reason: { code: 'connected' },
      dataAtMs: 1_000_100,
    });
    machine.live(60_000);
    expect(commands(machine)).toEqual(['open']);
    expect(machine.machine.state).toMatchObject({ sinceMs: 1_000_100, dataAtMs: 1_060_100 });
  });

  it('polls where the runtime has no WebSocket, and says so', () => {
    const machine = startMachine();
    const without = (command: Command): Input | null =>
      command === 'open' ? { type: 'lost', loss: { cause: 'no_websocket' } } : refused(command);
    machine.lose({ cause: 'no_websocket' });
    machine.pass(1000, without);
    expect(machine.machine.state).toMatchObject({ type: 'polling', reason: { code: 'no_websocket' } });
  });

  it('polls once its WebSocket could not be opened twice, and goes on trying it', () => {
    const machine = startMachine();
    machine.lose();
    expect(machine.type).toBe('connecting');
    machine.pass(1000, refused);
    expect(machine.machine.state).toMatchObject({
      type: 'polling',
      intervalMs: INTERVAL_MS,
      reason: { code: 'not_opened', detail: 'cut' },
    });
    expect(commands(machine)).toEqual(['open', 'open', 'poll']);
    machine.pass(60_000, refused);
    const polls = commands(machine).filter((command) => command === 'poll').length;
    expect(polls).toBeGreaterThanOrEqual(20);
    expect(polls).toBeLessThanOrEqual(22);
    const openings = commands(machine).filter((command) => command === 'open').length;
    expect(openings).toBeGreaterThan(6);
    expect(openings).toBeLessThan(14);
    expect(machine.until('live', back)).toBeLessThan(16_000);
    expect(machine.machine.poll).toEqual({ type: 'off' });
  });

  it('polls within 5 s when the opening hangs, and leaves the opening its time', () => {
    const machine = startMachine();
    machine.pass(FALLBACK_AFTER_MS, (command) => (command === 'poll' ? { type: 'polled' } : null));
    expect(machine.type).toBe('polling');
    expect(commands(machine)).toEqual(['open', 'poll']);
    machine.pass(500);
    machine.input(RECEIVED);
    expect(machine.type).toBe('live');
  });

  it('gives up a poll that a WebSocket overtakes', () => {
    const machine = startMachine();
    machine.pass(FALLBACK_AFTER_MS);
    expect(machine.machine.poll.type).toBe('asking');
    machine.input(RECEIVED);
    expect(commands(machine)).toEqual(['open', 'poll', 'abort_poll']);
    machine.input({ type: 'polled' });
    expect(machine.type).toBe('live');
  });

  it('polls at once when its WebSocket dies young, and not when one that had settled is lost', () => {
    const young = startMachine();
    young.input(RECEIVED);
    young.pass(1000);
    young.lose();
    young.pass(0, refused);
    expect(young.type).toBe('polling');

    const settled = startMachine();
    settled.input(RECEIVED);
    settled.live(SETTLED_AFTER_MS);
    settled.lose();
    settled.pass(0, refused);
    expect(settled.machine.state).toMatchObject({ type: 'connecting', reason: { code: 'closed' } });
    settled.pass(1000, (command) => (command === 'open' ? RECEIVED : null));
    expect(settled.type).toBe('live');
    expect(commands(settled)).not.toContain('poll');
  });

  it('waits longer from one early death to the next, up to 15 s', () => {
    const machine = startMachine({ random: () => 1 });
    const waits: number[] = [];
    for (let death = 0; death < 6; death++) {
      machine.input(RECEIVED);
      machine.pass(1000);
      machine.lose();
      machine.pass(0, refused);
      expect(machine.type).toBe('polling');
      waits.push(machine.until('live', back));
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
    machine.live(SETTLED_AFTER_MS);
    machine.lose();
    expect(machine.until('live', back)).toBe(1000);
  });

  it('is offline when neither works, never gives up, and recovers through either', () => {
    const machine = startMachine();
    machine.lose();
    machine.pass(2000, gone);
    expect(machine.machine.state).toMatchObject({
      type: 'offline',
      reason: { code: 'unreachable', detail: 'away' },
    });
    machine.pass(24 * 3_600_000, gone);
    const lastHour = machine.done.filter(({ atMs }) => atMs > 1_000_000 + 23 * 3_600_000);
    expect(lastHour.filter(({ command }) => command === 'open').length).toBeGreaterThan(200);
    expect(lastHour.filter(({ command }) => command === 'poll').length).toBeGreaterThan(200);
    expect(machine.until('polling', refused)).toBeLessThan(20_000);
    expect(machine.until('live', back)).toBeLessThan(16_000);
  });

  it('notices within 10 s that a stream with a rhythm has fallen silent', () => {
    const machine = startMachine();
    machine.input(RECEIVED);
    machine.live(30_000);
    const before = machine.done.length;
    machine.pass(10_000);
    expect(machine.done.slice(before).map(({ command }) => command)).toEqual(['close', 'open']);
    expect(machine.machine.state).toMatchObject({ type: 'connecting', reason: { code: 'silent' } });
    expect(machine.done[before]!.atMs - machine.machine.state.dataAtMs!).toBeLessThan(10_000);
  });

  it('asks a stream without a rhythm for a sign of life, and gives up within 10 s one that gives none', () => {
    const machine = startMachine({ isRegular: false });
    machine.input(RECEIVED);
    machine.pass(60_000, (command) => (command === 'probe' ? RECEIVED : null));
    expect(machine.type).toBe('live');
    expect(machine.machine.state.dataAtMs).toBeGreaterThan(1_000_000 + 54_000);
    const receivedAtMs = machine.machine.state.dataAtMs!;
    const before = machine.done.length;
    machine.pass(15_000);
    const close = machine.done.slice(before).find(({ command }) => command === 'close');
    expect(close!.atMs - receivedAtMs).toBeLessThanOrEqual(10_000);
  });

  it('reconnects at once after a sleep, whatever its state', () => {
    for (const prepare of [
      (machine: ReturnType<typeof startMachine>) => machine.input(RECEIVED),
      (machine: ReturnType<typeof startMachine>) => machine.pass(20_000, refused),
      (machine: ReturnType<typeof startMachine>) => machine.pass(FALLBACK_AFTER_MS),
    ]) {
      const machine = startMachine();
      prepare(machine);
      machine.input({ type: 'woke' });
      expect(commands(machine).at(-1)).toBe('open');
      expect(machine.machine).toMatchObject({
        poll: { type: 'off' },
        failures: 0,
        socket: { type: 'opening' },
      });
      machine.input(RECEIVED);
      expect(machine.type).toBe('live');
    }
  });

  it('does not reconnect if the hub forbids it, polls, and reconnects only once something has changed', () => {
    const refusal: Loss = { ...closed, detail: 'revoked', mayReconnect: false };
    const machine = startMachine();
    machine.input(RECEIVED);
    machine.lose(refusal);
    machine.pass(600_000, refused);
    expect(machine.machine.state).toMatchObject({
      type: 'polling',
      reason: { code: 'refused', detail: 'revoked' },
    });
    expect(commands(machine).filter((command) => command === 'open')).toHaveLength(1);
    machine.input({ type: 'nudge' });
    expect(commands(machine).at(-1)).toBe('open');

    const denied = startMachine();
    denied.input(RECEIVED);
    denied.lose(refusal);
    denied.pass(60_000, gone);
    expect(denied.type).toBe('offline');
    expect(denied.until('live', back)).toBeLessThan(20_000);
  });

  it('tries no WebSocket and asks once a minute while REST refuses it, until it is nudged or let in', () => {
    const denied = (command: Command): Input | null => {
      if (command === 'open') return { type: 'lost', loss: closed };
      if (command !== 'poll') return null;
      return { type: 'poll_failed', reason: { code: 'refused', detail: 'sign in' }, retryAfterMs: null };
    };
    const start = () => {
      const machine = startMachine();
      machine.lose();
      machine.pass(10_000, denied);
      expect(machine.machine.state).toMatchObject({
        type: 'offline',
        reason: { code: 'refused', detail: 'sign in' },
      });
      return { machine, opened: () => commands(machine).filter((command) => command === 'open').length };
    };
    const { machine, opened } = start();
    const before = { opens: opened(), all: machine.done.length };
    machine.pass(600_000, denied);
    expect(opened()).toBe(before.opens);
    expect(machine.done.length - before.all).toBe(10);
    machine.input({ type: 'nudge' });
    expect(commands(machine).slice(-2)).toEqual(['open', 'poll']);
    machine.input({ type: 'poll_failed', reason: { code: 'refused', detail: '' }, retryAfterMs: null });
    machine.lose();
    expect(machine.machine.socket).toEqual({ type: 'waiting', retryAtMs: null });

    const forgiven = start();
    expect(forgiven.machine.until('live', back)).toBeLessThan(60_000);
  });

  it('reconnects later after sending too many messages', () => {
    const machine = startMachine({ random: () => 1 });
    machine.input(RECEIVED);
    machine.live(30_000);
    machine.lose({ ...closed, isRateLimited: true });
    expect(machine.machine.socket).toEqual({ type: 'waiting', retryAtMs: 1_030_000 + 15_000 });
  });

  it('tries at once what waits when the page is shown, and probes what seems well', () => {
    const machine = startMachine({ random: () => 1 });
    machine.lose();
    machine.pass(30_000, gone);
    expect(machine.machine.socket.type).toBe('waiting');
    const before = machine.done.length;
    machine.input({ type: 'nudge' });
    expect(machine.done.slice(before).map(({ command }) => command)).toEqual(['open', 'poll']);
    machine.input(RECEIVED);
    machine.input({ type: 'nudge' });
    machine.input({ type: 'nudge' });
    expect(commands(machine).filter((command) => command === 'probe')).toHaveLength(1);
    machine.pass(4000);
    expect(machine.machine.socket.type).not.toBe('open');
  });

  it('is not live while the hub has nothing to show, keeps the socket, and asks by REST meanwhile', () => {
    const machine = startMachine({ isRegular: false });
    const answer = (command: Command): Input | null => {
      if (command === 'probe') return ASKED_TO_WAIT; // a pong only shows that the hub is there
      return command === 'poll' ? { type: 'polled' } : null;
    };
    machine.input(RECEIVED);
    const { dataAtMs } = machine.machine.state;
    machine.pass(1000);
    machine.input(ASKED_TO_WAIT);
    expect(machine.machine.state).toMatchObject({
      type: 'connecting',
      reason: { code: 'waiting', detail: 'the bus is away' },
      dataAtMs,
    });
    machine.pass(FALLBACK_AFTER_MS, answer);
    expect(machine.machine.state).toMatchObject({ type: 'polling', reason: { code: 'waiting' } });
    machine.pass(60_000, answer);
    expect(machine.machine).toMatchObject({ socket: { type: 'open' }, state: { type: 'polling' } });
    machine.pass(INTERVAL_MS);
    machine.failPoll();
    expect(machine.machine.state).toMatchObject({ type: 'offline', reason: { code: 'waiting' } });
    machine.input(RECEIVED);
    expect(machine.machine).toMatchObject({ poll: { type: 'off' }, state: { type: 'live' } });
  });

  it('does nothing once it is stopped', () => {
    const machine = startMachine();
    machine.pass(FALLBACK_AFTER_MS);
    expect(machine.input({ type: 'stop' })).toEqual(['close', 'abort_poll']);
    for (const type of ['tick', 'nudge', 'woke', 'polled'] as const) {
      expect(machine.input({ type })).toEqual([]);
    }
    expect(machine.input(RECEIVED)).toEqual([]);
    expect(machine.machine.state).toMatchObject({ type: 'connecting', reason: { code: 'idle' } });
    expect(
      nextDeadline(machine.machine, { nowMs: 0, random: Math.random, intervalMs: 1, isRegular: true }),
    ).toBeNull();
  });

  it('always has something that it waits for, whatever happens', () => {
    const inputs = fc.oneof(
      fc.constantFrom<Input>(
        RECEIVED,
        ASKED_TO_WAIT,
        { type: 'polled' },
        { type: 'nudge' },
        { type: 'woke' },
        { type: 'lost', loss: closed },
        { type: 'lost', loss: { cause: 'silent' } },
        { type: 'lost', loss: { ...closed, mayReconnect: false } },
        { type: 'poll_failed', reason: { code: 'failing', detail: '' }, retryAfterMs: null },
        { type: 'poll_failed', reason: { code: 'failing', detail: '' }, retryAfterMs: 60_000 },
        { type: 'poll_failed', reason: { code: 'refused', detail: '' }, retryAfterMs: null },
      ),
      fc.integer({ min: 0, max: 20_000 }),
    );
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 60 }), fc.boolean(), (happenings, isRegular) => {
        const machine = startMachine({ isRegular });
        let isWaiting = false;
        for (const happening of happenings) {
          if (typeof happening === 'number') machine.pass(happening);
          else machine.input(happening);
          if (happening === RECEIVED || happening === ASKED_TO_WAIT) isWaiting = happening === ASKED_TO_WAIT;
          const { socket, poll, fallbackAtMs } = machine.machine;
          const hasPicture = socket.type === 'open' && !isWaiting;
          const mayBecomeLive =
            hasPicture || socket.type === 'opening' || poll.type !== 'off' || fallbackAtMs !== null;
          expect(mayBecomeLive).toBe(true);
          expect(machine.type === 'live').toBe(hasPicture);
          if (hasPicture) expect(poll.type).toBe('off');
        }
      }),
    );
  });
});
