import type { AddedTarget, RemovedTarget, ShownIdentity, StatusSnapshot, Target } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type TargetToAdd = {
  readonly host: string;
  /** What the host is, in the operator's words. */
  readonly label?: string | undefined;
  /** Whether its runner is enrolled too. */
  readonly withTasks?: boolean | undefined;
  /** Allows the key to replace the identity that the host has; without this that is a `conflict`. */
  readonly replace?: boolean | undefined;
};

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type TargetRequests = {
  /** The last broadcast of the status stream: the main server, and every target in brief. */
  readStatus(options?: RequestOptions): Promise<StatusSnapshot>;
  /** Every target in full. */
  listTargets(options?: RequestOptions): Promise<readonly Target[]>;
  /** One target in full. `not_found` when none is registered by this name. */
  readTarget(host: string, options?: RequestOptions): Promise<Target>;
  /** Lets a host enrol, for 15 minutes. For admins. */
  addTarget(target: TargetToAdd, options?: RequestOptions): Promise<AddedTarget>;
  /** When a host was enrolled and by whom; `null`: it was not. */
  readIdentity(host: string, options?: RequestOptions): Promise<ShownIdentity['identity']>;
  /** Ends a host's connections and forgets it. For admins. */
  removeTarget(host: string, options?: RequestOptions): Promise<RemovedTarget>;
};

export function createTargetRequests(rest: Rest): TargetRequests {
  const pathOf = (host: string) => `targets/${encodeURIComponent(host)}`;
  return {
    async readStatus({ signal } = {}) {
      const answer = await rest({ path: 'system/status', query: { version: 2 }, signal });
      if ((answer as StatusSnapshot | null)?.type !== 'snapshot') throw badAnswer();
      return answer as StatusSnapshot;
    },
    async listTargets({ signal } = {}) {
      const { targets } = ((await rest({ path: 'targets', signal })) ?? {}) as { targets?: Target[] };
      if (!Array.isArray(targets)) throw badAnswer();
      return targets;
    },
    async readTarget(host, { signal } = {}) {
      const target = (await rest({ path: pathOf(host), signal })) as Target | null;
      if (typeof target?.host !== 'string') throw badAnswer();
      return target;
    },
    async addTarget(target, { signal } = {}) {
      const answer = (await rest({
        method: 'POST',
        path: 'targets',
        body: target,
        signal,
      })) as AddedTarget | null;
      if (typeof answer?.command !== 'string') throw badAnswer();
      return answer;
    },
    async readIdentity(host, { signal } = {}) {
      const shown = (await rest({ path: `${pathOf(host)}/identity`, signal })) as ShownIdentity | null;
      if (shown?.identity === undefined) throw badAnswer();
      return shown.identity;
    },
    async removeTarget(host, { signal } = {}) {
      const answer = (await rest({
        method: 'DELETE',
        path: pathOf(host),
        signal,
      })) as RemovedTarget | null;
      if (typeof answer?.host !== 'string') throw badAnswer();
      return answer;
    },
  };
}
