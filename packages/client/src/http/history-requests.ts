import type { FleetHistory, HistoryFigureName, HistoryRange, TargetHistory } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type HistoryOptions = RequestOptions & {
  /** Default: everything that a hub keeps, 15 minutes. */
  readonly range?: HistoryRange | undefined;
};

export type FleetHistoryOptions<Name extends HistoryFigureName> = HistoryOptions & {
  /** 1 to 100 hosts. Unknown ones are omitted from the answer. */
  readonly hosts: readonly string[];
  readonly figures: readonly Name[];
};

/** A {@link FleetHistory} with the requested figures. */
export type FleetHistoryOf<Name extends HistoryFigureName> = Omit<FleetHistory, 'targets'> & {
  readonly targets: readonly (Pick<TargetHistory, 'intervalMs' | 'times' | Name> & {
    readonly host: FleetHistory['targets'][number]['host'];
  })[];
};

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type HistoryRequests = {
  /**
   * Reads the last minutes of a target with all figures.
   * @param host `null`: the main server
   */
  readHistory(host: string | null, options?: HistoryOptions): Promise<TargetHistory>;
  /** Reads some figures of many targets at once. */
  readFleetHistory<Name extends HistoryFigureName>(
    options: FleetHistoryOptions<Name>,
  ): Promise<FleetHistoryOf<Name>>;
};

export function createHistoryRequests(rest: Rest): HistoryRequests {
  return {
    async readHistory(host, { range, signal } = {}) {
      const path = host === null ? 'system/history' : `targets/${encodeURIComponent(host)}/history`;
      const answer = await rest({ path, query: { range }, signal });
      if (!Array.isArray((answer as TargetHistory | null)?.times)) throw badAnswer();
      return answer as TargetHistory;
    },
    async readFleetHistory({ hosts, figures, range, signal }) {
      const query = { hosts: hosts.join(), figures: figures.join(), range };
      const answer = await rest({ path: 'history', query, signal });
      if (!Array.isArray((answer as FleetHistory | null)?.targets)) throw badAnswer();
      return answer as FleetHistoryOf<(typeof figures)[number]>;
    },
  };
}
