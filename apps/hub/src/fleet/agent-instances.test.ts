import { describe, expect, it } from 'vitest';
import { AgentInstances } from './agent-instances.ts';

const SILENT_AFTER_MS = 9250;

describe('AgentInstances', () => {
  it('treats a new instance as a restart of the previous one', () => {
    const instances = new AgentInstances();
    expect(instances.receive('a', 0, SILENT_AFTER_MS)).toBe(true);
    expect(instances.receive('b', 1000, SILENT_AFTER_MS)).toBe(true);
    expect(instances.conflicting).toBeNull();
  });

  it('flags a replaced instance that sends again and keeps showing the first one', () => {
    const instances = new AgentInstances();
    const shown = [];
    for (let tick = 0; tick < 5; tick++) {
      shown.push(
        instances.receive('a', tick * 3000, SILENT_AFTER_MS),
        instances.receive('b', tick * 3000 + 1, SILENT_AFTER_MS),
      );
    }
    // The first appearance of b looks like a restart; from a's return on, b is never shown again:
    // no flapping.
    expect(shown).toEqual([true, true, true, false, true, false, true, false, true, false]);
    expect(instances.conflicting).toEqual(['a', 'b']);
  });

  it('ends the conflict when one of the two has been silent for long enough', () => {
    const instances = new AgentInstances();
    for (const [instance, atMs] of [
      ['a', 0],
      ['b', 1],
      ['a', 3000],
      ['b', 3001],
    ] as const) {
      instances.receive(instance, atMs, SILENT_AFTER_MS);
    }
    expect(instances.conflicting).toEqual(['a', 'b']);
    instances.receive('b', 12_500, SILENT_AFTER_MS);
    expect(instances.conflicting).toBeNull();
    expect(instances.receive('b', 15_500, SILENT_AFTER_MS)).toBe(true);
  });

  it('shows the other instance when one of two in conflict says bye', () => {
    const instances = new AgentInstances();
    for (const [instance, atMs] of [
      ['a', 0],
      ['b', 1],
      ['a', 2],
    ] as const)
      instances.receive(instance, atMs, SILENT_AFTER_MS);
    expect(instances.leave('a')).toBe(true);
    expect(instances.conflicting).toBeNull();
    expect(instances.receive('b', 3, SILENT_AFTER_MS)).toBe(true);
    expect(instances.leave('b')).toBe(false);
  });

  it('holds a bounded number of instances', () => {
    const instances = new AgentInstances();
    for (let n = 0; n < 1000; n++) instances.receive(`i${n}`, n, SILENT_AFTER_MS);
    instances.receive('i999', 1000, SILENT_AFTER_MS);
    instances.receive('i998', 1001, SILENT_AFTER_MS);
    expect(instances.conflicting?.length).toBeLessThanOrEqual(8);
  });
});
