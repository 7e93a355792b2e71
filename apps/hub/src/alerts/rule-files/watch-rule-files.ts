import { type Logger, sleep } from '@booner/service';
import { lookAtYaml } from '@booner/service/look-at-yaml';
import { LastValidRules, type RuleFiles } from './last-valid-rules.ts';
import { readRuleFolder } from './read-rule-files.ts';

const LOOK_EVERY_MS = 10_000;
/** A change is read once nothing changed for this long, so that no file is read half written. */
const SETTLE_MS = 1000;

export type WatchRuleFilesOptions = {
  readonly directory: string;
  /** Called with the rules at once, and after each change. MUST NOT throw. */
  readonly onRules: (files: RuleFiles) => void;
  /** Registers a function to call when the files should be read at once, as at SIGHUP. */
  readonly onRotation: (listener: () => void) => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Default 10 s. */
  readonly lookEveryMs?: number;
  /** Default 1 s. */
  readonly settleMs?: number;
};

/**
 * Follows the rules of a folder. Looks at the entries instead of asking the kernel for events:
 * those miss changes behind a link and on a network file system, as in a ConfigMap. Logs each issue
 * when it begins.
 * @returns when the signal has aborted
 */
export async function watchRuleFiles(
  {
    directory,
    onRules,
    onRotation,
    log,
    lookEveryMs = LOOK_EVERY_MS,
    settleMs = SETTLE_MS,
  }: WatchRuleFilesOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const lastValid = new LastValidRules();
  let known: RuleFiles | null = null;
  let read: string | null = null;
  let wake = new AbortController();
  onRotation(() => {
    read = null;
    wake.abort();
  });

  const take = (files: RuleFiles) => {
    const isChanged = JSON.stringify(files) !== JSON.stringify(known);
    const before = known?.issues ?? [];
    for (const issue of files.issues) {
      if (!before.includes(issue)) log.warn({ issue }, 'a file of alert rules has an issue');
    }
    known = files;
    if (!isChanged) return;
    log.info({ directory, rules: files.rules.length }, 'the alert rules of files are in force');
    onRules(files);
  };

  while (!signal.aborted) {
    wake = new AbortController();
    const look = await lookAtYaml(directory);
    if (look !== read) {
      const isSettled =
        known === null || ((await sleep(settleMs, signal)) && look === (await lookAtYaml(directory)));
      if (signal.aborted) return;
      if (!isSettled) continue;
      read = look;
      const folder = await readRuleFolder(directory);
      if (signal.aborted) return;
      take(lastValid.take(folder));
    }
    await sleep(lookEveryMs, AbortSignal.any([signal, wake.signal]));
  }
}
