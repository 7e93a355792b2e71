import type { Outcome, TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { findAccount } from '../accounts/account.ts';
import { type CollectedArtefacts, collectArtefacts } from '../artefacts/collect-artefacts.ts';
import type { Action } from '../catalogue/action.ts';
import { isConfinementNamed } from '../catalogue/confinement.ts';
import { keepCatalogue } from '../catalogue/keep-catalogue.ts';
import { type PreparedCommand, prepareCommands } from '../catalogue/prepare-command.ts';
import { couldNotRun, failed } from '../process/outcome-of-exit.ts';
import type { RunPolicy } from '../process/run-policy.ts';
import type { ActionRun } from '../process/start-action.ts';
import { type Actions, notOffered, type RunEvents, type RunRequest, refusedRun } from './actions.ts';
import { endWhatIsLeft } from './end-what-is-left.ts';
import { openRunDirectories, type RunDirectories } from './run-directories.ts';
import type { RunsPlaces } from './runs-folder.ts';
import { commandsToRun, startRun } from './start-run.ts';

export type LocalActionsOptions = {
  /** Folder of the action files. */
  readonly directory: string;
  /** True if the folder is the program's own: owners and modes are not checked. */
  readonly trusted: boolean;
  readonly runs: RunsPlaces;
  readonly policy: Pick<RunPolicy, 'launcher' | 'graceMs'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
};

async function artefactsOf(
  { artefacts: patterns, user }: Action,
  { secrets }: PreparedCommand,
  directory: string,
): Promise<CollectedArtefacts> {
  const found = await findAccount(user);
  if (found.ok) return collectArtefacts(directory, { patterns, uid: found.account.uid, secrets });
  return { files: [], missing: patterns.map((name) => ({ name, reason: found.reason.slice(0, 200) })) };
}

/** Creates {@link Actions} that read the files of this host and start processes by themselves. */
export function createLocalActions(options: LocalActionsOptions): Actions {
  const { directory, trusted, policy, logger } = options;
  const { graceMs } = policy;
  const opened = new AsyncDisposableStack();
  const runs = new Map<TaskId, ActionRun>();
  let directories: RunDirectories | null = null;
  let actions: ReadonlyMap<string, Action> = new Map();

  const run = async (
    { task, action: name, params, secrets = {}, check = false, traceparent }: RunRequest,
    events: RunEvents,
    { requested, onStarted }: { requested: () => Outcome | null; onStarted: (run: ActionRun) => void },
  ): Promise<Outcome> => {
    const action = actions.get(name);
    if (action === undefined) return notOffered(name);
    const templates = commandsToRun(action, check);
    if (templates === null) return failed('refused by the target: the action has no command for a dry run');
    const env = traceparent === undefined ? action.env : { ...action.env, TRACEPARENT: traceparent };
    const prepared = prepareCommands({ ...action, env }, templates, params, secrets);
    if (!prepared.ok) {
      const issues = prepared.issues.map(({ pointer, detail }) => `${pointer}: ${detail}`);
      return failed(`refused by the target: ${issues.join('; ')}`);
    }
    if (directories === null) throw new Error('an action is started before the actions are served');
    const made = await directories.make(task);
    try {
      const early = requested();
      if (early !== null) return early;
      const { commands } = prepared;
      const started = await startRun(
        { task, action, check, commands, directory: made, policy, logger },
        events,
      );
      onStarted(started);
      const outcome = await started.ended;
      if (action.artefacts.length > 0) {
        await events.onArtefacts(await artefactsOf(action, commands[0]!, made));
      }
      return outcome;
    } finally {
      // In the background: processes that the action left can hold this up.
      directories.remove(made);
    }
  };

  const start: Actions['start'] = (request, events) => {
    const { task } = request;
    if (runs.has(task)) return refusedRun('an earlier run of this task has not ended');
    let started: ActionRun | null = null;
    let requested: Outcome | null = null;
    let killWithinMs = graceMs;
    const ended = run(request, events, {
      requested: () => requested,
      onStarted: (now) => {
        started = now;
        if (requested !== null) now.end(requested, killWithinMs);
      },
    })
      .catch((error: unknown) => {
        logger.error({ task, err: error }, 'internal error in a run');
        return couldNotRun(error);
      })
      .finally(() => runs.delete(task));
    const it: ActionRun = {
      ended,
      end: (outcome, withinMs) => {
        requested ??= outcome;
        killWithinMs = Math.min(killWithinMs, withinMs);
        started?.end(outcome, withinMs);
      },
    };
    runs.set(task, it);
    return it;
  };

  /** Warns of actions that ask for confinement, when the first of them appears. */
  const warnOfUnconfined = (now: ReadonlyMap<string, Action>, before: ReadonlyMap<string, Action>) => {
    const [named, known] = [now, before].map((each) =>
      [...each.values()].filter(({ confinement }) => isConfinementNamed(confinement)).map(({ name }) => name),
    ) as [string[], string[]];
    if (named.every((name) => known.includes(name))) return;
    logger.warn({ actions: named }, 'these actions run without the sandbox and limits that they ask for');
  };

  return {
    start,
    endLeft: async (task) => {
      const running = runs.get(task);
      running?.end(failed('another start of this task is being prepared'), graceMs);
      const processes = await endWhatIsLeft(task, { graceMs, logger });
      if (processes !== null) await running?.ended;
      await policy.launcher.forget(task);
      directories?.removeLeft(task);
      return processes;
    },
    serve: async (onActions) => {
      directories = opened.use(await openRunDirectories(options.runs, { logger }));
      opened.use(
        await keepCatalogue({
          directory,
          trusted,
          logger,
          onCatalogue: (catalogue) => {
            if (!policy.launcher.confines) warnOfUnconfined(catalogue.actions, actions);
            actions = catalogue.actions;
            onActions(actions);
          },
        }),
      );
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
