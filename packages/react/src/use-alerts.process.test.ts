// @vitest-environment happy-dom
import type { RuleToSave } from '@booner/client';
import { eventually } from '@booner/testkit';
import { renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useAlerts } from './index.ts';
import { startHookBed, TIMES } from './testing/hook-bed.ts';

/** Fires on any host: some memory is always available. */
const ALWAYS = {
  selector: '*',
  when: { metric: 'memoryAvailableRatio', function: 'last' },
} satisfies Partial<RuleToSave>;
const LEVEL = { on: 0.01, off: 0.001 };

describe('useAlerts', () => {
  it('is the list of GET /alerts, critical ones first, and keeps what has not changed', async () => {
    await using bed = await startHookBed();
    const { client } = bed;
    const { result } = renderHook(useAlerts, bed);
    expect(result.current).toMatchObject({ alerts: [], loading: true, error: null, transport: null });
    await eventually(() => !result.current.loading, { ...TIMES, what: 'the alerts' });
    expect(result.current).toMatchObject({ alerts: [], error: null, transport: 'websocket' });

    await client.saveAlertRule('critical', { ...ALWAYS, crit: LEVEL });
    await eventually(() => result.current.alerts.length === 1, { ...TIMES, what: 'the critical alert' });
    const [critical] = result.current.alerts;
    await client.saveAlertRule('warning', { ...ALWAYS, warn: LEVEL });
    await eventually(() => result.current.alerts.length === 2, { ...TIMES, what: 'the warning' });
    const list = async () => {
      const { alerts } = await client.listAlerts({ status: 'firing' });
      return alerts.toSorted((a, b) => a.severity.localeCompare(b.severity));
    };
    expect(result.current.alerts).toEqual(await list());
    expect(result.current.alerts.map(({ rule }) => rule)).toEqual(['critical', 'warning']);
    expect(result.current.alerts[0]).toBe(critical);

    await client.acknowledgeAlert(result.current.alerts[1]!.id);
    await eventually(() => result.current.alerts[1]?.acknowledged, { ...TIMES, what: 'the acknowledgement' });
    expect(result.current.alerts[0]).toBe(critical);
    await client.removeAlertRule('critical');
    await eventually(() => result.current.alerts.length === 1, { ...TIMES, what: 'the end of an alert' });
    expect(result.current.alerts).toEqual(await list());
  });

  it('keeps the alerts and says why they are old while the hub cannot be reached', async () => {
    await using bed = await startHookBed();
    const { result } = renderHook(useAlerts, bed);
    await bed.client.saveAlertRule('always', { ...ALWAYS, warn: LEVEL });
    await eventually(() => result.current.alerts.length === 1, { ...TIMES, what: 'the alert' });
    await bed.hub.kill('SIGKILL');
    await eventually(() => result.current.error, { ...TIMES, what: 'the error' });
    expect(result.current).toMatchObject({ loading: false, transport: null, alerts: [{ rule: 'always' }] });
    expect(result.current.ageMs).not.toBeNull();
    await bed.hub.restart();
    await eventually(() => result.current.transport !== null, { what: 'the hub' });
    expect(result.current.error).toBeNull();
    await eventually(() => result.current.alerts.length === 0, { what: 'the alerts of the new hub' });
  });
});
