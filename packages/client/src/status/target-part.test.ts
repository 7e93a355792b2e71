import { expect, it } from 'vitest';
import { STOPPED } from '../connection/machine.ts';
import type { Page, PageChange } from '../connection/page.ts';
import type { Stream } from '../connection/stream-link.ts';
import { createStore } from '../store/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createDemand } from '../time/demand.ts';
import { createTargetPart } from './target-part.ts';

/** A page that the test hides and shows. */
function createFakePage(): Page & { become(change: PageChange): void } {
  const listeners = new Set<(change: PageChange) => void>();
  let isHidden = false;
  return {
    isHidden: () => isHidden,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    become(change) {
      isHidden = change === 'hidden';
      for (const listener of listeners) listener(change);
    },
  };
}

function startPart() {
  const clock = createFakeClock();
  const page = createFakePage();
  const steps: string[] = [];
  const sent: object[] = [];
  let opened: Stream | null = null;
  const { part, close } = createTargetPart({
    rest: async () => ({}),
    url: () => 'ws://hub',
    page,
    clock,
    connect(stream) {
      opened = stream;
      const demand = createDemand({
        clock,
        lingerMs: 0,
        start: () => steps.push('start'),
        stop: () => steps.push('stop'),
      });
      return { connection: createStore(STOPPED.state), demand };
    },
  });
  return {
    clock,
    page,
    steps,
    sent,
    part,
    close,
    open: () => {
      opened?.onOpening();
      opened?.onOpen((message) => sent.push(message));
    },
    receive: (message: { readonly type: string; readonly [field: string]: unknown }) =>
      opened?.receive(message),
  };
}

it('brings no details to a page that is hidden for a while, and brings them again when it is shown', () => {
  const { clock, page, steps, part, close } = startPart();
  part.target('10.0.0.2').subscribe(() => {});
  page.become('hidden');
  clock.pass(5000);
  page.become('shown');
  clock.pass(60_000);
  expect(steps).toEqual(['start']);
  page.become('hidden');
  clock.pass(10_001);
  expect(steps).toEqual(['start', 'stop']);
  page.become('network');
  page.become('shown');
  expect(steps).toEqual(['start', 'stop', 'start']);
  close();
  page.become('hidden');
  clock.pass(60_000);
  expect(steps).toEqual(['start', 'stop', 'start', 'stop']);
});

it('asks for the hosts that are watched, and for no others', () => {
  const { part, sent, open, clock, steps } = startPart();
  const leave = part.target('10.0.0.2').subscribe(() => {});
  open();
  part.target('10.0.0.3').subscribe(() => {});
  leave();
  expect(sent).toEqual([
    { type: 'subscribe', hosts: ['10.0.0.2'], detail: 'full' },
    { type: 'subscribe', hosts: ['10.0.0.2', '10.0.0.3'], detail: 'full' },
    { type: 'subscribe', hosts: ['10.0.0.3'], detail: 'full' },
  ]);
  clock.pass(1000);
  expect(steps).toEqual(['start']);
});

it('reports an unknown target although the hub refused another subscription', () => {
  const { part, open, receive, close } = startPart();
  part.target('no host id').subscribe(() => {});
  const gone = part.target('10.0.0.9');
  open();
  receive({ type: 'error', detail: 'hosts/0 is no host id' });
  gone.subscribe(() => {});
  receive({ type: 'snapshot', sequence: 1, sentAtMs: 1, intervalMs: 3000, targets: [] });
  expect(gone.getSnapshot()).toEqual({ type: 'unknown' });
  close();
});
