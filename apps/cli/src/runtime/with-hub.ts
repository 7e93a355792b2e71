import { type BoonerClient, BoonerError, createBoonerClient } from '@booner/client';
import { fromBoonerError } from '../errors/cli-error.ts';
import type { ResolvedHub } from '../profile/resolve-hub.ts';
import type { Context } from './context.ts';

/**
 * Does something with a client of the hub, which is closed after it.
 * @throws CliError in place of what the client says
 */
export async function withHub<T>(
  context: Pick<Context, 'resolve'>,
  use: (client: BoonerClient, hub: ResolvedHub) => Promise<T>,
): Promise<T> {
  const hub = await context.resolve();
  const client = await clientOf(hub);
  try {
    return await use(client, hub);
  } catch (error) {
    throw error instanceof BoonerError ? fromBoonerError(error, hub.url) : error;
  } finally {
    client.close();
  }
}

export async function clientOf({ url, token, caFile }: ResolvedHub): Promise<BoonerClient> {
  if (url.startsWith('https:')) (await import('./trust.ts')).trustAuthorities(caFile);
  return createBoonerClient({ url, token: () => token?.reveal() ?? null });
}
