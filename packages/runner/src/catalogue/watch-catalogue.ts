import { sleep } from '@booner/service';
import { lookAtYaml } from '@booner/service/look-at-yaml';
import type { Catalogue } from './action.ts';
import { type ReadCatalogueOptions, readCatalogue } from './read-catalogue.ts';

/**
 * A change is read once two looks in a row saw the same entries, so that no file is read half
 * written.
 */
const LOOK_EVERY_MS = 1000;
/**
 * Refused files are read again even without a change: the fix may be elsewhere, such as a user that
 * was created.
 */
const RETRY_REFUSED_EVERY_MS = 30_000;

export type WatchCatalogueOptions = ReadCatalogueOptions & {
  /** Default 1,000. */
  readonly lookEveryMs?: number;
  readonly onCatalogue: (catalogue: Catalogue) => void;
  readonly onError: (error: unknown) => void;
};

/**
 * Reports the actions of a folder at once, and again after each change to its files. It looks at
 * the entries once a second instead of asking the kernel for events: those miss changes behind a
 * symbolic link, on a network file system, and in a folder that does not exist yet. A look at a
 * dozen files takes well under a millisecond.
 * @returns when the signal has aborted
 */
export async function watchCatalogue(
  directory: string,
  { trusted, lookEveryMs = LOOK_EVERY_MS, onCatalogue, onError }: WatchCatalogueOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let reported: string | null = null;
  let read = null as { readonly look: string; readonly atMs: number; readonly refused: boolean } | null;
  let previous = await lookAtYaml(directory);
  while (!signal.aborted) {
    try {
      const look = await lookAtYaml(directory);
      const nowMs = performance.now();
      const changed = look !== read?.look && look === previous;
      const retry = read?.refused && nowMs - read.atMs >= RETRY_REFUSED_EVERY_MS;
      previous = look;
      if (changed || retry) {
        const catalogue = await readCatalogue(directory, { trusted });
        if (signal.aborted) return;
        read = { look, atMs: nowMs, refused: catalogue.refused.length > 0 };
        const text = JSON.stringify([...catalogue.actions.values(), ...catalogue.refused]);
        if (text !== reported) onCatalogue(catalogue);
        reported = text;
      }
    } catch (error) {
      onError(error);
    }
    await sleep(lookEveryMs, signal);
  }
}
