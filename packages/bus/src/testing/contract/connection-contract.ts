import { expect, it } from 'vitest';
import type { BusSide } from '../../ports.ts';

/** Long enough for a machine whose cores are all busy. */
const DEADLINE_MS = 60_000;

/** Waits until each side of a bus is connected. */
export async function untilConnected(...sides: readonly BusSide[]): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const connected = await Promise.all(sides.map((side) => side.whenConnected(signal)));
  if (connected.every(Boolean)) return;
  throw new Error(`not connected: ${JSON.stringify(sides.map((side) => side.connection()))}`);
}

type StartSide = () => Promise<{ readonly bus: AsyncDisposable; readonly side: BusSide }>;

/** Describes the connection behaviour of every side of a bus. */
export function describeConnection(startSide: StartSide): void {
  const start = async () => {
    const { bus, side } = await startSide();
    const resources = new AsyncDisposableStack();
    resources.use(bus);
    resources.use(side);
    return { side, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  };

  it('can be waited for', async () => {
    await using started = await start();
    const { side } = started;
    expect(await side.whenConnected(AbortSignal.timeout(DEADLINE_MS))).toBe(true);
    expect(side.connection().state).toBe('connected');
    expect(await side.whenConnected(AbortSignal.timeout(DEADLINE_MS))).toBe(true);
  });

  it('is not waited for once the signal has aborted', async () => {
    await using started = await start();
    expect(await started.side.whenConnected(AbortSignal.abort())).toBe(false);
    await untilConnected(started.side);
    expect(await started.side.whenConnected(AbortSignal.abort())).toBe(false);
  });

  it('is not waited for after the disposal', async () => {
    await using started = await start();
    const { side } = started;
    await untilConnected(side);
    await side[Symbol.asyncDispose]();
    expect(await side.whenConnected(new AbortController().signal)).toBe(false);
    expect(side.connection()).toMatchObject({ state: 'disconnected', reason: 'stopped' });
  });
}
