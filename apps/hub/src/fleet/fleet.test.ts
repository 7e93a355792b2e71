import {
  type HostId,
  hostIdSchema,
  type Inventory,
  NOTHING_MEASURED,
  type Registration,
  type Sample,
} from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { Fleet } from './fleet.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const OTHER = hostIdSchema.parse('10.0.0.10');

/** A fleet on a clock that the test moves. Each time, statuses are updated as in the hub. */
function startFleet() {
  let nowMs = 1_000_000;
  let clockShiftMs = 0;
  const fleet = new Fleet({
    intervalMs: 3000,
    now: () => ({ monotonicMs: nowMs, wallMs: 1_700_000_000_000 + nowMs + clockShiftMs }),
  });
  let isEchoWanted = false;
  const pass = (ms: number, echoAgeMs: number | null = 0) => {
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs = Math.min(endMs, nowMs + 200);
      isEchoWanted = fleet.updateStatuses(echoAgeMs);
    }
    return isEchoWanted;
  };
  const registrations = new Map<HostId, Registration>();
  return {
    fleet,
    pass,
    registrations,
    stall: (ms: number) => {
      nowMs += ms;
      fleet.updateStatuses(0);
    },
    shiftWallClock: (ms: number) => {
      clockShiftMs += ms;
    },
    receive: (host = HOST, change: Partial<Sample> = {}) => {
      const sample = sampleOf(host, change);
      return fleet.onSample(sample, JSON.stringify(sample));
    },
    catchUp: (stored: { host: HostId; sample: Sample | null; inventory: Inventory | null }[] = []) =>
      fleet.onCatchUp(stored, registrations),
    status: (host = HOST) => fleet.get(host)?.status ?? null,
  };
}

let sequence = 0;
function sampleOf(host: HostId, change: Partial<Sample> = {}): Sample {
  sequence++;
  const envelope = {
    type: 'sample',
    host,
    instance: 'a',
    sequence,
    sampledAtMs: 1_700_001_000_000,
    intervalMs: 3000,
  } as const;
  return { ...NOTHING_MEASURED, ...envelope, inventoryTakenAtMs: null, ...change };
}

const registered = (status: Registration['status']): Registration => ({
  label: 'web',
  labels: {},
  firstSeenAtMs: 1,
  lastSeenAtMs: 2,
  status,
});

describe('the status of a target', () => {
  it('is active from its first sample and offline after three silent intervals', () => {
    const { receive, catchUp, pass, status } = startFleet();
    catchUp();
    receive();
    expect(status()).toBe('active');
    pass(9000);
    expect(status()).toBe('active');
    pass(500);
    expect(status()).toBe('offline');
    receive();
    expect(status()).toBe('active');
  });

  it('goes by the interval that the agent reports', () => {
    const { receive, catchUp, pass, status } = startFleet();
    catchUp();
    receive(HOST, { intervalMs: 60_000 });
    pass(180_000);
    expect(status()).toBe('active');
    pass(1000);
    expect(status()).toBe('offline');
  });

  it('is offline at once after a bye of the agent', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    fleet.onBye(HOST, { type: 'bye', instance: 'a' });
    expect(status()).toBe('offline');
    expect(fleet.takeTransitions().map(({ kind, entry }) => [kind, entry.host])).toEqual([
      ['status', HOST],
      ['status', HOST],
    ]);
  });

  it('ignores a bye of a replaced agent', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    receive(HOST, { instance: 'b' });
    fleet.onBye(HOST, { type: 'bye', instance: 'a' });
    expect(status()).toBe('active');
  });

  it('stays while the bus is disconnected and for three intervals after', () => {
    const { fleet, receive, catchUp, pass, status } = startFleet();
    catchUp();
    receive();
    fleet.setReceiving(false);
    pass(60_000, null);
    expect(status()).toBe('active');
    catchUp();
    pass(9000);
    expect(status()).toBe('active');
    pass(500);
    expect(status()).toBe('offline');
  });

  it('waits for an echo: silence on a connection that may be dead proves nothing', () => {
    const { receive, catchUp, pass, status } = startFleet();
    catchUp();
    receive();
    let echoAgeMs = 0;
    for (let elapsedMs = 200; elapsedMs <= 20_000; elapsedMs += 200) {
      echoAgeMs += 200; // the last echo stays where it was
      expect(pass(200, echoAgeMs)).toBe(elapsedMs > 9250);
    }
    expect(status()).toBe('active');
    expect(pass(200, 0)).toBe(false);
    expect(status()).toBe('offline');
  });

  it('stays right after the process itself was stalled', () => {
    const { receive, catchUp, pass, stall, status } = startFleet();
    catchUp();
    receive();
    pass(1000);
    stall(3_600_000);
    expect(status()).toBe('active');
    pass(9000);
    expect(status()).toBe('active');
    pass(500);
    expect(status()).toBe('offline');
  });

  it("depends neither on the agent's clock nor on the hub's wall clock", () => {
    const { fleet, receive, catchUp, pass, shiftWallClock, status } = startFleet();
    catchUp();
    receive(HOST, { sampledAtMs: 1_700_001_000_000 - 3_600_000 });
    expect(fleet.get(HOST)?.clockSkewMs).toBe(-3_600_000);
    shiftWallClock(7_200_000);
    pass(9000);
    expect(status()).toBe('active');
    receive(HOST, { sampledAtMs: 1_700_001_000_000 + 7_200_000 + 9000 + 4000 });
    expect(fleet.get(HOST)?.clockSkewMs).toBeNull();
  });
});

describe('a hub that starts', () => {
  it('shows what was stored: active for three intervals of grace, offline and pending as registered', () => {
    const { registrations, catchUp, pass, status, fleet } = startFleet();
    const [gone, expected] = ['10.0.0.7', '10.0.0.8'].map((host) => hostIdSchema.parse(host)) as [
      HostId,
      HostId,
    ];
    registrations.set(HOST, registered('active'));
    registrations.set(gone, registered('offline'));
    registrations.set(expected, { ...registered('pending'), firstSeenAtMs: null, lastSeenAtMs: null });
    const stored = sampleOf(HOST);
    catchUp([{ host: HOST, sample: stored, inventory: null }]);
    expect([HOST, gone, expected].map((host) => status(host))).toEqual(['active', 'offline', 'pending']);
    expect(JSON.parse(fleet.get(HOST)?.json('full') ?? '').sample).toEqual(stored);
    pass(9000);
    expect(status()).toBe('active');
    pass(500);
    expect([HOST, gone, expected].map((host) => status(host))).toEqual(['offline', 'offline', 'pending']);
  });

  it('does not let a stored sample replace a newer one that was received before the catch-up', () => {
    const { fleet, receive, catchUp } = startFleet();
    const old = sampleOf(HOST);
    receive();
    const received = fleet.get(HOST)?.json('full');
    catchUp([{ host: HOST, sample: old, inventory: null }]);
    expect(fleet.get(HOST)?.json('full')).toBe(received);
  });
});

describe('registrations of others', () => {
  it('add targets and labels, but do not overrule what this hub received', () => {
    const { fleet, registrations, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    registrations.set(HOST, registered('offline'));
    registrations.set(OTHER, { ...registered('pending'), firstSeenAtMs: null, lastSeenAtMs: null });
    fleet.onRegistrations(registrations);
    expect([status(HOST), status(OTHER)]).toEqual(['active', 'pending']);
    expect(fleet.get(HOST)?.summary().label).toBe('web');
    expect(fleet.get(HOST)?.summary().firstSeenAtMs).toBe(1);
  });

  it('remove a silent target that an operator removed, but not one that sends samples', () => {
    const { fleet, registrations, receive, catchUp } = startFleet();
    registrations.set(OTHER, registered('offline'));
    catchUp();
    receive();
    fleet.takeChanges();
    registrations.clear();
    fleet.onRegistrations(registrations);
    expect(fleet.entries().map(({ host }) => host)).toEqual([HOST]);
    expect([...fleet.takeChanges().removed]).toEqual([OTHER]);
  });
});

describe('a removed target', () => {
  it('disappears at once, even right after a sample, and is reported', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    fleet.takeChanges();
    fleet.takeTransitions();
    fleet.onRemoved(HOST);
    fleet.onRemoved(HOST);
    expect(status()).toBeNull();
    expect(fleet.takeChanges()).toEqual({ changed: new Set(), removed: new Set([HOST]) });
    expect(fleet.takeTransitions().map(({ kind }) => kind)).toEqual(['removed']);
  });

  it('is added again when its agent goes on', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    fleet.onRemoved(HOST);
    receive();
    expect(status()).toBe('active');
    expect([...fleet.takeChanges().removed]).toEqual([]);
  });

  it('disappears once this hub receives again if it was removed meanwhile', () => {
    const { fleet, registrations, receive, catchUp, status } = startFleet();
    registrations.set(OTHER, registered('active'));
    catchUp();
    receive(HOST);
    receive(OTHER);
    fleet.setReceiving(false);
    catchUp([{ host: OTHER, sample: null, inventory: null }]);
    expect([status(HOST), status(OTHER)]).toEqual([null, 'active']);
  });

  it('is not inferred from a bus that was emptied', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    fleet.setReceiving(false);
    catchUp();
    expect(status()).toBe('active');
  });
});

it('adds a registered host that never sent a sample', () => {
  const { fleet, catchUp, status } = startFleet();
  catchUp();
  fleet.onRegistration(HOST, {
    ...registered('pending'),
    label: 'new',
    firstSeenAtMs: null,
    lastSeenAtMs: null,
  });
  expect(status()).toBe('pending');
  expect([...fleet.takeChanges().changed].map(({ host }) => host)).toEqual([HOST]);
});

it('lists hosts in numeric order', () => {
  const { fleet, receive, catchUp } = startFleet();
  catchUp();
  receive(OTHER);
  receive(HOST);
  expect(fleet.entries().map(({ host }) => host)).toEqual([HOST, OTHER]);
});

it('says whether a sample is shown', () => {
  const { fleet, receive, catchUp } = startFleet();
  catchUp();
  expect(receive(HOST, { inventoryTakenAtMs: 7 })).toBe('held');
  expect(receive(OTHER, { instance: 'a' })).toBe('shown');
  expect(receive(OTHER, { instance: 'b' })).toBe('shown');
  expect(receive(OTHER, { instance: 'a' })).toBe('shown');
  expect(receive(OTHER, { instance: 'b' })).toBe('ignored');
  expect(fleet.get(OTHER)?.conflicting).toEqual(['a', 'b']);
});

it('collects changes until they are taken', () => {
  const { fleet, receive, catchUp } = startFleet();
  catchUp();
  receive(HOST);
  receive(OTHER);
  expect(fleet.takeChanges().changed.size).toBe(2);
  receive(HOST);
  expect([...fleet.takeChanges().changed].map(({ host }) => host)).toEqual([HOST]);
  expect(fleet.takeChanges().changed.size).toBe(0);
});

describe('a target whose first sample names an inventory', () => {
  const named = { inventoryTakenAtMs: 7 };
  const inventory = {
    takenAtMs: 7,
    hostname: 'web-1',
    cpu: null,
    memoryTotalBytes: null,
    gpus: [],
    os: { platform: 'linux', name: null, kernel: null, architecture: 'x64' },
    virtualization: null,
    label: 'web server',
    labels: {},
    agentVersion: '0.1.0',
  } satisfies Inventory;
  const specsOf = (fleet: Fleet, host = HOST) => fleet.get(host)?.summary().specs ?? null;

  it('is shown with its latest sample once the inventory was read', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive(HOST, { ...named, uptimeSeconds: 5 });
    receive(HOST, { ...named, uptimeSeconds: 8 });
    expect(status()).toBeNull();
    expect(fleet.entries()).toEqual([]);
    expect(fleet.undescribed()).toEqual([HOST]);
    expect(fleet.takeTransitions()).toEqual([]);
    fleet.onInventory(HOST, inventory);
    expect(fleet.undescribed()).toEqual([]);
    expect(fleet.get(HOST)?.summary()).toMatchObject({
      status: 'active',
      label: 'web server',
      specs: 'web server',
      uptimeSeconds: 8,
    });
    expect(fleet.takeTransitions().map(({ kind }) => kind)).toContain('status');
  });

  it('is shown by the catch-up that brings the inventory, and not before', () => {
    const { fleet, receive, catchUp, status, registrations } = startFleet();
    registrations.set(HOST, { ...registered('offline'), label: null });
    receive(HOST, named);
    expect(status()).toBeNull();
    catchUp([{ host: HOST, sample: sampleOf(HOST, named), inventory }]);
    expect(status()).toBe('active');
    expect(specsOf(fleet)).toBe('web server');
  });

  it('turns active together with its description', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    fleet.onRegistration(HOST, { ...registered('pending'), label: null });
    receive(HOST, named);
    expect([status(), specsOf(fleet)]).toEqual(['pending', 'Unknown']);
    fleet.onInventory(HOST, inventory);
    expect([status(), specsOf(fleet)]).toEqual(['active', 'web server']);
  });

  it('is shown without an inventory if none is stored within 3 s', () => {
    const { fleet, receive, catchUp, pass, status } = startFleet();
    catchUp();
    receive(HOST, named);
    pass(2800);
    receive(HOST, named);
    fleet.onInventories([HOST], new Map());
    pass(400);
    expect(status()).toBeNull(); // not looked up since
    fleet.onInventories([HOST], new Map());
    expect([status(), specsOf(fleet)]).toEqual(['active', 'Unknown']);
  });

  it('is not shown if it left or was removed meanwhile', () => {
    const { fleet, receive, catchUp, pass, status } = startFleet();
    catchUp();
    receive(HOST, named);
    fleet.onBye(HOST, { type: 'bye', instance: 'a' });
    receive(OTHER, named);
    fleet.onRemoved(OTHER);
    expect(fleet.undescribed()).toEqual([]);
    pass(5000);
    expect([status(), status(OTHER)]).toEqual([null, null]);
  });

  it('is added with its stored inventory when another hub registered it', () => {
    const { fleet, receive, catchUp } = startFleet();
    catchUp();
    receive(HOST, named);
    const others = new Map([[HOST, { ...registered('active'), label: null }]]);
    fleet.onRegistrations(others, new Map([[HOST, inventory]]));
    expect(specsOf(fleet)).toBe('web server');
  });
});

it('is loaded by the first catch-up, which reports no changes', () => {
  const { fleet, receive, catchUp, status } = startFleet();
  expect(() => fleet.requireLoaded()).toThrow('has not been read yet');
  receive();
  catchUp([{ host: OTHER, sample: sampleOf(OTHER), inventory: null }]);
  expect([fleet.requireLoaded().size, status(OTHER)]).toEqual([2, 'pending']);
  expect(fleet.takeChanges().changed.size).toBe(0);
  catchUp([{ host: OTHER, sample: sampleOf(OTHER), inventory: null }]);
  expect([...fleet.takeChanges().changed].map(({ host }) => host)).toEqual([OTHER]);
});

describe('a quarantined target', () => {
  const quarantine = { sinceMs: 5, reason: 'it floods', redisLine: null };

  it('is offline at once, is not accepted, and says why until it is released', () => {
    const { fleet, receive, catchUp, status } = startFleet();
    catchUp();
    receive();
    fleet.takeTransitions();
    fleet.onQuarantine(HOST, quarantine);
    expect(status()).toBe('offline');
    expect(fleet.accepts(HOST)).toBe(false);
    expect(fleet.accepts(OTHER)).toBe(true);
    expect([...fleet.quarantined()]).toEqual([HOST]);
    expect(fleet.takeTransitions().map(({ kind }) => kind)).toEqual(['quarantine', 'status']);
    expect(JSON.parse(fleet.get(HOST)!.json('summary'))).toMatchObject({ status: 'offline', quarantine });
    expect(Object.keys(JSON.parse(fleet.get(HOST)!.version1Json()))).toEqual([
      'host',
      'status',
      'load',
      'specs',
    ]);
    fleet.onQuarantine(HOST, quarantine);
    expect(fleet.takeTransitions()).toEqual([]);
    fleet.onQuarantine(HOST, null);
    expect(fleet.accepts(HOST)).toBe(true);
    expect(JSON.parse(fleet.get(HOST)!.json('full')).quarantine).toBeNull();
  });

  it('is known from its registration, and released with it', () => {
    const { fleet, registrations, catchUp } = startFleet();
    registrations.set(HOST, { ...registered('offline'), quarantine });
    catchUp();
    expect(fleet.accepts(HOST)).toBe(false);
    fleet.onRegistration(HOST, registered('offline'));
    expect(fleet.accepts(HOST)).toBe(true);
  });
});
