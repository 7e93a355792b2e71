import type { BoonerClient } from '@booner/client';
import { fromBoonerError } from '../errors/cli-error.ts';
import type { ResolvedHub } from '../profile/resolve-hub.ts';
import type { Context } from './context.ts';

/**
 * Runs a function with a client of the hub, then closes the client. Loads the client's code only
 * now, because help and completion do not need it.
 * @throws CliError in place of the client's errors
 */
export async function withHub<T>(
  context: Pick<Context, 'resolve'>,
  use: (client: BoonerClient, hub: ResolvedHub) => Promise<T>,
): Promise<T> {
  const { BoonerError } = await import('@booner/client');
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
  const { createBoonerClient } = await import('@booner/client');
  return createBoonerClient({ url, token: () => token?.reveal() ?? null });
}
