import type { Logger } from '@booner/service';
import type { Catalogue, Refusal } from './action.ts';
import { watchCatalogue } from './watch-catalogue.ts';

export type KeepCatalogueOptions = {
  readonly directory: string;
  readonly trusted: boolean;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /**
   * Receives the first catalogue before `keepCatalogue` returns, then each change. MUST NOT throw.
   */
  readonly onCatalogue: (catalogue: Catalogue) => void;
};

/**
 * Reads the actions of a folder, returns, and follows its changes. Logs each refusal when it
 * begins.
 */
export async function keepCatalogue(options: KeepCatalogueOptions): Promise<AsyncDisposable> {
  const { directory, trusted, logger, onCatalogue } = options;
  const stop = new AbortController();
  const first = Promise.withResolvers<void>();
  let latest: Catalogue | null = null;

  const take = (next: Catalogue) => {
    const before = new Set((latest?.refused ?? []).map(textOf));
    for (const refusal of next.refused) {
      if (!before.has(textOf(refusal))) logger.warn(refusal, 'action refused');
    }
    const isFirst = latest === null;
    latest = next;
    onCatalogue(next);
    if (isFirst) return first.resolve();
    logger.info({ directory, actions: [...next.actions.keys()] }, 'actions changed');
  };
  const watching = watchCatalogue(
    directory,
    {
      trusted,
      onCatalogue: take,
      onError: (error) => logger.error({ directory, err: error }, 'the actions could not be read'),
    },
    { signal: stop.signal },
  );
  watching.catch(first.reject);
  await first.promise;
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
}

const textOf = ({ file, line, reason }: Refusal): string => `${file}:${line}: ${reason}`;
