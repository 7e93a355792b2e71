import type { HostId, MuteReason } from '@booner/protocol';
import type { Fleet } from '../../fleet/fleet.ts';
import type { TargetEntry } from '../../fleet/target-entry.ts';
import type { CompiledRule } from '../rules/compile-rule.ts';
import type { AlertSettings } from '../settings/alert-settings.ts';
import { indexParents, muteReasons } from './mute-reasons.ts';

/** A host and its labels as parents are looked up by. */
type Member = TargetEntry['subject'];

export type MutesDeps = {
  readonly fleet: Pick<Fleet, 'entries' | 'get' | 'rosterRevision'>;
  readonly settings: Pick<AlertSettings, 'isSilenced' | 'isQuiet'>;
  readonly isHubBlind: () => boolean;
};

/** Knows why a rule must not notify anybody of a host at a moment. */
export class Mutes {
  readonly #deps: MutesDeps;
  /** Since when hosts are online that came online while this hub watched, in Unix milliseconds. */
  readonly #onlineSince = new Map<HostId, number>();
  readonly #parents = new WeakMap<
    CompiledRule,
    { readonly revision: number; readonly of: (child: Member) => readonly Member[] }
  >();

  constructor(deps: MutesDeps) {
    this.#deps = deps;
  }

  /** Takes that the status of a host has changed. */
  noteStatus({ host, status }: Pick<TargetEntry, 'host' | 'status'>, nowMs: number): void {
    if (status === 'active') this.#onlineSince.set(host, nowMs);
    else this.#onlineSince.delete(host);
  }

  /** @param target `null`: the alert is about no target */
  reasons(rule: CompiledRule, target: TargetEntry | null, nowMs: number): readonly MuteReason[] {
    const { settings, isHubBlind } = this.#deps;
    return muteReasons(rule, {
      isHubBlind: isHubBlind(),
      isHostOffline: target?.status === 'offline',
      isSilenced: settings.isSilenced(rule.name, target?.subject ?? null, nowMs),
      isQuiet: settings.isQuiet(rule.name, target?.subject ?? null, nowMs),
      parents: (target === null ? [] : this.#parentsOf(rule, target.subject))
        .filter((parent) => parent.host !== target?.host)
        .map((parent) => ({
          isOffline: this.#deps.fleet.get(parent.host)?.status === 'offline',
          onlineForMs: nowMs - (this.#onlineSince.get(parent.host) ?? Number.NEGATIVE_INFINITY),
        })),
    });
  }

  #parentsOf(rule: CompiledRule, child: Member): readonly Member[] {
    if (rule.dependsOn === null) return [];
    const { fleet } = this.#deps;
    let known = this.#parents.get(rule);
    if (known?.revision !== fleet.rosterRevision) {
      const members = fleet.entries().map(({ subject }) => subject);
      known = { revision: fleet.rosterRevision, of: indexParents(rule, members) };
      this.#parents.set(rule, known);
    }
    return known.of(child);
  }
}
