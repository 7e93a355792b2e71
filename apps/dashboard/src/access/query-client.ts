import { BoonerError } from '@booner/client';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

/**
 * Creates the cache for one-time requests; live data comes from the client's stores. A refused
 * request makes it check whether the user is still signed in.
 */
export function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof BoonerError && error.code === 'unauthorized') {
      void queries.invalidateQueries({ queryKey: ['access'] });
    }
  };
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: (failures, error) => failures < 1 && mayPass(error), staleTime: 30_000 },
    },
  });
  return queries;
}

/** A refusal is not retried: rights do not change within a second. */
const mayPass = (error: Error): boolean =>
  !(error instanceof BoonerError && (error.code === 'unauthorized' || error.code === 'forbidden'));
