// @vitest-environment happy-dom
import { systemStatusSchema } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { render, renderHook } from '@testing-library/react';
import { createElement, StrictMode } from 'react';
import { describe, expect, it } from 'vitest';
import { useSystemStatus } from './index.ts';
import { startHookBed, TIMES } from './testing/hook-bed.ts';

describe('useSystemStatus', () => {
  it('says what the hub says in GET /system/status, and nothing else', async () => {
    await using bed = await startHookBed();
    const { result } = renderHook(useSystemStatus, bed);
    expect(result.current).toMatchObject({
      systemStatus: null,
      loading: true,
      error: null,
      transport: null,
      ageMs: null,
    });
    await eventually(() => !result.current.loading, { ...TIMES, what: 'the first data' });
    const texts = new Set<string>();
    const isTheSame = async () => {
      const answer = await bed.ask('/system/status');
      expect(result.current.systemStatus).toEqual(answer);
      return texts.add(JSON.stringify(answer)).size >= 3;
    };
    await eventually(isTheSame, { ...TIMES, what: 'three different broadcasts that the hook says as well' });
    const { systemStatus, error, transport, ageMs } = result.current;
    expect(systemStatusSchema.strict().parse(systemStatus)).toEqual(systemStatus);
    expect({ error, transport }).toEqual({ error: null, transport: 'websocket' });
    expect(ageMs).not.toBeNull();
  });

  it('keeps the data and says why it is old while the hub cannot be reached', async () => {
    await using bed = await startHookBed();
    const { result } = renderHook(useSystemStatus, bed);
    await eventually(() => result.current.transport === 'websocket', { ...TIMES, what: 'the WebSocket' });
    await bed.hub.kill('SIGKILL');
    await eventually(() => result.current.error, { ...TIMES, what: 'the error' });
    expect(result.current).toMatchObject({ loading: false, transport: null });
    expect(result.current.systemStatus).not.toBeNull();
    await eventually(() => (result.current.ageMs ?? 0) > 2000, { ...TIMES, what: 'data that grows old' });
    await bed.hub.restart();
    await eventually(() => result.current.transport !== null, { what: 'the hub' });
    expect(result.current.error).toBeNull();
    await eventually(() => (result.current.ageMs ?? Number.POSITIVE_INFINITY) < 2000, {
      ...TIMES,
      what: 'data that is new',
    });
  });

  it('connects once for a page without a provider, however many components and however strict', async () => {
    await using bed = await startHookBed();
    let draws = 0;
    const Status = () => {
      const { loading } = useSystemStatus();
      if (!loading) draws++;
      return null;
    };
    const components = Array.from({ length: 30 }, (_, index) => createElement(Status, { key: index }));
    render(createElement(StrictMode, null, components));
    await eventually(() => draws >= 30, { ...TIMES, what: 'data in all of them' });
    const response = await bed.hub.get('/metrics');
    expect(await response.text()).toMatch(/^booner_hub_stream_clients\{version="2"\} 1$/m);
    expect(bed.hub.lines.stderr).toEqual([]);
  });
});
