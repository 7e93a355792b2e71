import type {
  AddedTarget,
  EnrolledHost,
  Identities,
  LabelChanges,
  ReleasedTarget,
  RemovedTarget,
  RotatedTarget,
  ShownIdentity,
  StatusSnapshot,
  Target,
} from '@booner/protocol';
import { type LabelOutcome, type LabelTargetsOptions, labelTargets } from './label-targets.ts';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

/** Longer than a hub waits for a host to use its new passwords. */
const ROTATE_TIMEOUT_MS = 20_000;

export type TargetToAdd = {
  readonly host: string;
  /** The operator's label for the host. */
  readonly label?: string | undefined;
  /** True if its runner is enrolled too. */
  readonly withTasks?: boolean | undefined;
  /** Lets the key replace an existing identity of the host. Otherwise that is a `conflict`. */
  readonly replace?: boolean | undefined;
};

export type TargetListOptions = RequestOptions & {
  /** Lists only targets that match. The empty selector matches none. Absent: all targets. */
  readonly selector?: string | undefined;
};

/** The labels of a target; `operatorLabels` are those that operators set. */
export type TargetLabels = Pick<Target, 'host'> & Required<Pick<Target, 'labels' | 'operatorLabels'>>;

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type TargetRequests = {
  /** Reads the last broadcast of the status stream: the main server, and every target in brief. */
  readStatus(options?: RequestOptions): Promise<StatusSnapshot>;
  /** Reads targets in full. Older hubs ignore the selector. */
  listTargets(options?: TargetListOptions): Promise<readonly Target[]>;
  /** Reads one target in full. `not_found` if no target has this name. */
  readTarget(host: string, options?: RequestOptions): Promise<Target>;
  /** Lets a host enrol within 15 minutes. Admins only. */
  addTarget(target: TargetToAdd, options?: RequestOptions): Promise<AddedTarget>;
  /** Reads when and by whom a host was enrolled. `null`: it is not enrolled. */
  readIdentity(host: string, options?: RequestOptions): Promise<ShownIdentity['identity']>;
  /** Reads the enrolled hosts that may be read, those with the oldest passwords first. */
  listIdentities(options?: RequestOptions): Promise<readonly EnrolledHost[]>;
  /**
   * Replaces the Redis passwords of a host, and waits up to 15 s until it uses them. `conflict` if
   * it cannot now; the message says why. Admins only.
   */
  rotateTarget(host: string, options?: RequestOptions): Promise<RotatedTarget>;
  /** Sets labels of a target; `null` removes one. Admins only. */
  labelTarget(host: string, changes: LabelChanges, options?: RequestOptions): Promise<TargetLabels>;
  /**
   * Does the same for several targets, one after the other, and returns the outcome of each.
   * Continues after an error that concerns one target only, and rejects with the signal's reason
   * alone. Admins only.
   */
  labelTargets(
    hosts: readonly string[],
    changes: LabelChanges,
    options?: LabelTargetsOptions,
  ): Promise<readonly LabelOutcome[]>;
  /** Ends the quarantine of a host. `conflict` if it is not quarantined. Admins only. */
  releaseTarget(host: string, options?: RequestOptions): Promise<ReleasedTarget>;
  /** Ends a host's connections and removes it. Admins only. */
  removeTarget(host: string, options?: RequestOptions): Promise<RemovedTarget>;
};

export function createTargetRequests(rest: Rest): TargetRequests {
  const pathOf = (host: string) => `targets/${encodeURIComponent(host)}`;
  const requests: TargetRequests = {
    async readStatus({ signal } = {}) {
      const answer = await rest({ path: 'system/status', query: { version: 2 }, signal });
      if ((answer as StatusSnapshot | null)?.type !== 'snapshot') throw badAnswer();
      return answer as StatusSnapshot;
    },
    async listTargets({ selector, signal } = {}) {
      const answer = await rest({ path: 'targets', query: { selector }, signal });
      const { targets } = (answer ?? {}) as { targets?: Target[] };
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
    async listIdentities({ signal } = {}) {
      const { identities } = ((await rest({ path: 'identities', signal })) ?? {}) as Partial<Identities>;
      if (!Array.isArray(identities)) throw badAnswer();
      return identities;
    },
    async rotateTarget(host, { signal } = {}) {
      const path = `${pathOf(host)}/rotate`;
      const timeoutMs = ROTATE_TIMEOUT_MS;
      const answer = (await rest({ method: 'POST', path, timeoutMs, signal })) as RotatedTarget | null;
      if (!Array.isArray(answer?.roles)) throw badAnswer();
      return answer;
    },
    async labelTarget(host, changes, { signal } = {}) {
      const answer = (await rest({
        method: 'PATCH',
        path: pathOf(host),
        body: { labels: changes },
        signal,
      })) as TargetLabels | null;
      if (typeof answer?.labels !== 'object') throw badAnswer();
      return answer;
    },
    labelTargets: (...args) => labelTargets(requests.labelTarget, ...args),
    async releaseTarget(host, { signal } = {}) {
      const path = `${pathOf(host)}/release`;
      const answer = (await rest({ method: 'POST', path, signal })) as ReleasedTarget | null;
      if (typeof answer?.host !== 'string') throw badAnswer();
      return answer;
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
  return requests;
}
