import { type Sampler, startSampler } from '@booner/sampler';
import { sleep } from '@booner/service';

/**
 * Starts the sampler and waits for the time over which the first sample takes its rates.
 * @returns `null` if the signal aborted first
 */
export async function startSampling(
  {
    firstRatesOverMs,
    hostRoot,
  }: { readonly firstRatesOverMs: number; readonly hostRoot: string | undefined },
  { signal }: { signal: AbortSignal },
): Promise<(Sampler & AsyncDisposable) | null> {
  await using starting = new AsyncDisposableStack();
  try {
    const sampler = starting.use(await startSampler({ hostRoot }, { signal }));
    if (!(await sleep(firstRatesOverMs, signal))) return null;
    starting.move();
    return sampler;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
