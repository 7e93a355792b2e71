import type { Logger } from '@booner/service';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import type { TasksFeature } from '../tasks/start-tasks.ts';
import { ArtefactKeeper } from './artefact-keeper.ts';
import { artefactRoutes } from './artefact-routes.ts';
import { type ArtefactStore, openArtefactStore } from './artefact-store.ts';

export type ArtefactsDeps = {
  readonly buses: Pick<Buses, 'tasks'>;
  readonly config: Pick<HubConfig, 'artefacts' | 'retention'>;
  readonly fleet: Pick<FleetFeature, 'readableOf'>;
  readonly tasks: Pick<TasksFeature, 'board' | 'onEnded'>;
  readonly log: Logger;
};

/** Starts artefacts: files that tasks leave, of which each hub keeps a copy on its disk. */
export async function startArtefacts({
  buses: { tasks: bus },
  config,
  fleet: { readableOf },
  tasks: { board, onEnded },
  log,
}: ArtefactsDeps): Promise<Feature> {
  const { store, issue } = await openStore(config.artefacts, log);
  const keeper = new ArtefactKeeper({ bus, board, store, maxAgeMs: config.retention.maxAgeMs, log });
  onEnded((tasks) => keeper.onEnded(tasks));
  return {
    warnings: () => [...(issue === null ? [] : [issue]), ...keeper.warnings()],
    routes: artefactRoutes({ bus, store, readableOf, log }),
    metrics: [
      {
        type: 'gauge',
        name: 'booner_hub_artefacts_bytes',
        help: 'Size of the artefacts of tasks on the disk of this hub',
        read: () => store?.size() ?? 0,
      },
    ],
    run: (options) => keeper.run(options),
  };
}

/** Opens the store. A folder that cannot be used is no reason to serve nothing else. */
async function openStore(
  { directory, ...limits }: HubConfig['artefacts'],
  log: Logger,
): Promise<{ readonly store: ArtefactStore | null; readonly issue: string | null }> {
  if (directory === null) return { store: null, issue: null };
  try {
    return { store: await openArtefactStore({ directory, ...limits }), issue: null };
  } catch (error) {
    log.error({ directory, err: error }, 'the folder of artefacts cannot be used: none are kept');
    return { store: null, issue: `artefacts of tasks are not kept: ${(error as Error).message}` };
  }
}
