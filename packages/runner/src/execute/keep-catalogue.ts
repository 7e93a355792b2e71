import type { Logger } from '@booner/service';
import type { Catalogue, Refusal } from '../catalogue/action.ts';
import { watchCatalogue } from '../catalogue/watch-catalogue.ts';

export type KeptCatalogue = AsyncDisposable & { current(): Catalogue };

export type KeepCatalogueOptions = {
  readonly directory: string;
  readonly trusted: boolean;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The actions have changed; not called for the first ones. */
  readonly onChange: () => void;
};

/** Reads the actions of a folder, returns, and keeps them as the folder is. Says what is refused when that begins. */
export async function keepCatalogue(options: KeepCatalogueOptions): Promise<KeptCatalogue> {
  const { directory, trusted, logger, onChange } = options;
  const stop = new AbortController();
  const first = Promise.withResolvers<void>();
  let catalogue: Catalogue | null = null;

  const onCatalogue = (next: Catalogue) => {
    const before = new Set((catalogue?.refused ?? []).map(textOf));
    for (const refusal of next.refused) {
      if (!before.has(textOf(refusal))) logger.warn(refusal, 'an action is refused');
    }
    const isFirst = catalogue === null;
    catalogue = next;
    if (isFirst) return first.resolve();
    logger.info({ directory, actions: [...next.actions.keys()] }, 'the actions have changed');
    onChange();
  };
  const watching = watchCatalogue(
    directory,
    {
      trusted,
      onCatalogue,
      onError: (error) => logger.error({ directory, err: error }, 'the actions cannot be looked at'),
    },
    { signal: stop.signal },
  );
  watching.catch(first.reject);
  await first.promise;
  return {
    current: () => catalogue as Catalogue,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
}

const textOf = ({ file, line, reason }: Refusal): string => `${file}:${line}: ${reason}`;
