import { BoonerError } from '@booner/client';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

/** For what is asked for once; what is live comes by the client's stores. Whatever is refused has it looked who is signed in. */
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

/** Whoever is not allowed to know something is not allowed a second later. */
const mayPass = (error: Error): boolean =>
  !(error instanceof BoonerError && (error.code === 'unauthorized' || error.code === 'forbidden'));
