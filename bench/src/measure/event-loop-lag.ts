/** Event loop lag of a hub's main thread, in milliseconds. */
export type EventLoopLag = { readonly lagP99Ms: number; readonly lagMaxMs: number };

/** Reads the lag since the last time. */
export async function readEventLoopLag(port: number): Promise<EventLoopLag> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const read = (name: string) => {
    const value = new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`GET /metrics has no event loop lag ${name}`);
    return Number(value) * 1e3;
  };
  return { lagP99Ms: read('p99'), lagMaxMs: read('max') };
}
