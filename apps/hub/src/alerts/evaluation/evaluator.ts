import type { AlertChange, Lease, LeaseBus } from '@booner/bus';
import {
  type AlertMemory,
  alertRuleSchema,
  type EndedEpisode,
  type HostId,
  isFleetState,
  type Measurements,
  parseFleetDevice,
  type StoredAlert,
} from '@booner/protocol';
import { type Shard, shardOf, shardOfText } from '@booner/protocol/shard';
import type { Fleet } from '../../fleet/fleet.ts';
import type { TargetEntry } from '../../fleet/target-entry.ts';
import type { AlertBoard } from '../board/alert-board.ts';
import { groupKeys } from '../groups/group-alerts.ts';
import { type AlertStep, advance, close, isForgettable, staysWell, WELL } from '../machine/alert-machine.ts';
import { type CompiledRule, compileRule } from '../rules/compile-rule.ts';
import { groupOf } from '../rules/group-of.ts';
import type { FleetFacts, StateFacts, StateReading } from '../states/state-kind.ts';
import { STATE_KINDS } from '../states/state-kinds.ts';
import type { WindowResult } from '../windows/rule-windows.ts';
import type { ActiveRule, ActiveRules } from './active-rules.ts';
import type { ChangeQueue } from './change-queue.ts';
import { HostWatch } from './host-watch.ts';
import type { Mutes } from './mutes.ts';

/** A subject that is not well, or whose last change is on its way to the bus. */
type Tracked = {
  readonly rule: string;
  readonly device: string | null;
  memory: AlertMemory;
  /** What is stored; `null`: nothing. */
  text: string | null;
  isBusy: boolean;
  /** When the host last had the device. */
  seenAtMs: number;
  /** Last round of its host in which it was evaluated. */
  round: number;
};

/** A device that its host has not had for this long is gone, and its alerts end. */
const GONE_AFTER_MS = 24 * 3_600_000;

/** One evaluation of a host. */
type Evaluation = {
  readonly entry: TargetEntry;
  readonly lease: Lease;
  readonly atMs: number;
  readonly sample: Measurements | null;
};

/** The part of a rule that its evaluation needs. */
type Evaluated = Pick<Evaluation, 'lease' | 'atMs'> & {
  /** `null`: the rule watches rollouts or schedules. */
  readonly entry: TargetEntry | null;
  readonly active: ActiveRule;
};

type Advancing = Evaluated & {
  readonly tracked: Tracked;
  readonly reading: number | null;
};

type Remaining = Pick<Evaluation, 'lease' | 'atMs'> & {
  readonly host: HostId | null;
  readonly entry: TargetEntry | null;
  /** `null`: the host was removed. */
  readonly rules: readonly ActiveRule[] | null;
};

type Storing = Pick<Evaluation, 'lease' | 'atMs'> & {
  readonly host: HostId | null;
  readonly tracked: Tracked;
  readonly step: AlertStep;
  readonly group: string | null;
  readonly reading: number | null;
};

export type EvaluatorDeps = {
  readonly fleet: Pick<Fleet, 'get' | 'entries'>;
  readonly leases: Pick<LeaseBus, 'leaseOf'>;
  readonly rules: ActiveRules;
  readonly board: Pick<AlertBoard, 'alerts'>;
  /** True once everything was read that evaluations go by. */
  readonly isReady: () => boolean;
  readonly mutes: Pick<Mutes, 'reasons'>;
  readonly changes: Pick<ChangeQueue, 'submit'>;
  /** What rules on states know of a host beside the fleet. */
  readonly factsOf: (host: HostId) => Pick<StateFacts, 'endedTasks' | 'longTasks' | 'heartbeats'>;
  readonly hubVersion: string;
  /** Unix time. */
  readonly nowMs: () => number;
  /** Called when a host is watched from now on, or with more rules: its windows are empty. */
  readonly onWatched: (watch: HostWatch) => void;
};

/**
 * Evaluates rules on the hosts whose shards this hub holds. What is well costs a few comparisons.
 * Everything else has a memory, and each change of it is stored before the next evaluation: nothing
 * is decided on what another hub has replaced.
 */
export class Evaluator {
  readonly #deps: EvaluatorDeps;
  readonly #held = new Set<Shard>();
  readonly #watches = new Map<HostId, HostWatch>();
  readonly #tracked = new Map<HostId | null, Map<string, Tracked>>();
  /** Hosts to evaluate at the next tick although nothing of them is tracked. */
  readonly #due = new Set<HostId>();
  #round = 0;
  #evaluations = 0;

  constructor(deps: EvaluatorDeps) {
    this.#deps = deps;
  }

  /** Returns what is watched of a host; `null`: nothing. */
  watchOf(host: HostId): HostWatch | null {
    return this.#watches.get(host) ?? null;
  }

  /** Evaluations of a host since the start. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /** Takes that this hub evaluates the hosts of more shards. */
  gain(shards: readonly Shard[]): void {
    for (const shard of shards) this.#held.add(shard);
    for (const read of this.#deps.board.alerts()) {
      if (shards.includes(shardOf(read.alert.host))) this.#adopt(read.alert, read.text);
    }
    for (const { host } of this.#deps.fleet.entries()) {
      if (shards.includes(shardOf(host))) this.#due.add(host);
    }
  }

  /** Takes that other hubs evaluate the hosts of these shards. */
  lose(shards: readonly Shard[]): void {
    for (const shard of shards) this.#held.delete(shard);
    const isLost = (host: HostId | null) => shards.includes(shardOf(host));
    for (const host of this.#tracked.keys()) if (isLost(host)) this.#tracked.delete(host);
    for (const [host, watch] of this.#watches) {
      if (!isLost(host)) continue;
      watch.close();
      this.#watches.delete(host);
    }
  }

  /** Takes what is stored of everything, after the board was read anew. */
  reset(): void {
    this.#tracked.clear();
    for (const { alert, text } of this.#deps.board.alerts()) this.#adopt(alert, text);
  }

  /** Takes what another hub stored, such as an acknowledgement. */
  onStored(
    key: Pick<StoredAlert, 'rule' | 'host' | 'device'>,
    text: string | null,
    memory: AlertMemory,
  ): void {
    if (!this.#held.has(shardOf(key.host))) return;
    const tracked = this.#trackedOf(key.host, key.rule, key.device);
    if (tracked === undefined) {
      if (text !== null) this.#adopt({ ...key, memory }, text);
      return;
    }
    if (tracked.isBusy || tracked.text === text) return; // a conflict tells if it was not this hub's own
    Object.assign(tracked, { text, memory });
    this.#forgetIfWell(key.host, tracked);
  }

  /** Returns the hosts that time alone can change: they send no samples that would. */
  timed(): ReadonlySet<HostId> {
    const hosts = new Set(this.#due);
    this.#due.clear();
    for (const host of this.#tracked.keys()) {
      if (host !== null && this.#deps.fleet.get(host)?.status !== 'active') hosts.add(host);
    }
    return hosts;
  }

  /** Asks for an evaluation of a host at the next tick. */
  touch(host: HostId): void {
    this.#due.add(host);
  }

  /**
   * Evaluates every rule on a host, if this hub holds its shard.
   * @param sample that has just been received; `null`: time has passed
   */
  evaluate(host: HostId, sample: Measurements | null): void {
    const lease = this.#begin(host);
    if (lease === null) return;
    this.#evaluations++;
    const entry = this.#deps.fleet.get(host);
    const atMs = this.#deps.nowMs();
    if (entry !== null) this.#evaluateRules({ entry, lease, atMs, sample });
    const rules = entry === null ? null : (this.#watches.get(host)?.rules ?? null);
    this.#evaluateRest({ host, entry, rules, lease, atMs });
    if (entry !== null || this.#tracked.has(host)) return;
    this.#watches.get(host)?.close();
    this.#watches.delete(host);
  }

  /** Evaluates every rule on rollouts and schedules, if this hub holds their shard. */
  evaluateFleet(facts: FleetFacts): void {
    const lease = this.#begin(null);
    if (lease === null) return;
    const atMs = this.#deps.nowMs();
    const rules = this.#deps.rules.ofFleet();
    for (const active of rules) {
      const { condition } = active.rule;
      if (condition.type !== 'state' || !isFleetState(condition.kind)) continue;
      const readings = STATE_KINDS[condition.kind].read(facts);
      this.#takeState({ active, entry: null, lease, atMs }, readings);
    }
    this.#evaluateRest({ host: null, entry: null, rules, lease, atMs });
  }

  /** Starts a round. @returns `null` if this hub must not evaluate now */
  #begin(host: HostId | null): Lease | null {
    const { leases, isReady } = this.#deps;
    const shard = shardOf(host);
    if (!this.#held.has(shard) || !isReady()) return null;
    const lease = leases.leaseOf(shard);
    if (lease === null) return null;
    this.#round++;
    return lease;
  }

  #evaluateRules({ entry, lease, atMs, sample }: Evaluation): void {
    const watch = this.#watch(entry);
    let facts: StateFacts | null = null;
    for (let place = 0; place < watch.rules.length; place++) {
      const active = watch.rules[place]!;
      const { condition } = active.rule;
      const evaluated = { active, entry, lease, atMs };
      if (condition.type === 'metric') {
        if (sample !== null) watch.add(place, sample, atMs);
        this.#readWindows(watch, place, evaluated);
        continue;
      }
      if (isFleetState(condition.kind)) continue;
      facts ??= this.#factsOf(entry);
      this.#takeState(evaluated, STATE_KINDS[condition.kind].read(facts));
    }
  }

  #takeState(evaluated: Evaluated, readings: readonly StateReading[]): void {
    const { active, entry } = evaluated;
    for (const { device, holds, isOld } of readings) {
      if (isOld && this.#trackedOf(entry?.host ?? null, active.rule.name, device) === undefined) continue;
      this.#take(evaluated, device, holds === null ? 'no_data' : Number(holds));
    }
  }

  #readWindows(watch: HostWatch, place: number, evaluated: Evaluated): void {
    const { active, atMs } = evaluated;
    const { rule, metric } = active;
    if (metric === null) return;
    const { reader, windows } = metric;
    if (!reader.hasDevices) {
      this.#take(evaluated, null, windows.read(watch.slotOf(place, windows), atMs));
      return;
    }
    const { names, slots } = watch.devicesOf(place);
    let isAnyEmpty = false;
    for (let index = 0; index < names.length; index++) {
      const result = windows.read(slots[index]!, atMs);
      isAnyEmpty ||= result === 'no_data';
      this.#take(evaluated, names[index]!, result);
    }
    if (!isAnyEmpty) return;
    const { host } = watch.subject;
    watch.forgetDevices(
      place,
      (device, slot) =>
        windows.read(slot, atMs) !== 'no_data' || this.#trackedOf(host, rule.name, device) !== undefined,
    );
  }

  /** Follows what no rule has read: devices that are missing, and what nobody watches any more. */
  #evaluateRest({ host, entry, rules, lease, atMs }: Remaining): void {
    for (const tracked of [...(this.#tracked.get(host)?.values() ?? [])]) {
      if (tracked.round === this.#round || tracked.isBusy) continue;
      const active = rules?.find(({ rule }) => rule.name === tracked.rule) ?? null;
      if (active === null || isGone(active, entry, tracked, atMs)) {
        this.#close(host, tracked, lease, atMs);
      } else this.#advance({ active, entry, tracked, reading: null, lease, atMs });
    }
  }

  #take(evaluated: Evaluated, device: string | null, result: WindowResult): void {
    const { active, entry, atMs } = evaluated;
    const { rule, metric } = active;
    const host = entry?.host ?? null;
    const reading = result === 'no_data' ? null : result;
    let tracked = this.#trackedOf(host, rule.name, device);
    const isMissing = result === 'no_data' && metric !== null;
    if (tracked !== undefined && isMissing && isGone(active, entry, tracked, atMs)) return;
    if (tracked !== undefined) {
      tracked.round = this.#round;
      if (result !== 'no_data') tracked.seenAtMs = atMs;
    }
    if (reading === 'too_short' || tracked?.isBusy) return;
    if (tracked === undefined) {
      if (staysWell(rule, reading)) return;
      tracked = this.#track(host, rule.name, device, WELL, null);
    }
    this.#advance({ ...evaluated, tracked, reading });
  }

  #advance({ active: { rule }, entry, tracked, reading, lease, atMs }: Advancing): void {
    const host = entry?.host ?? null;
    const { device } = tracked;
    const mutes = this.#deps.mutes.reasons(rule, entry, atMs);
    const input = { type: 'observe', atMs, reading, mutes } as const;
    const step = advance(tracked.memory, input, { rule, subject: { host, device } });
    const group = entry === null ? fleetGroupOf(device) : groupOf(rule.groupBy, entry.subject);
    this.#store({ host, tracked, step, group, reading, lease, atMs });
  }

  /** Ends what there is to end of a subject that is no longer watched. */
  #close(host: HostId | null, tracked: Tracked, lease: Lease, atMs: number): void {
    const { rule, device, memory } = tracked;
    const active = this.#deps.rules.get(rule);
    // The channels of a rule that is gone are not known: the default ones are notified.
    const compiled = active?.rule ?? goneRule(rule);
    const step = close(memory, atMs, { rule: compiled, subject: { host, device } });
    const subject = host === null ? undefined : this.#watches.get(host)?.subject;
    const groupOfHost = subject === undefined ? null : groupOf(compiled.groupBy, subject);
    const group = host === null ? fleetGroupOf(device) : groupOfHost;
    this.#store({ host, tracked, step, group, reading: null, lease, atMs });
  }

  #store({ host, tracked, step, group, reading, lease, atMs }: Storing): void {
    const { rule, device, memory: before, text } = tracked;
    const after = isForgettable(step.memory) ? null : step.memory;
    if (step.effects.length === 0 && (step.memory === before || (after === null && text === null))) {
      tracked.memory = step.memory;
      this.#forgetIfWell(host, tracked);
      return;
    }
    const change: AlertChange = {
      key: { rule, host, device },
      before: text,
      after:
        after === null
          ? null
          : { rule, host, device, memory: after, reading: finite(reading), changedAtMs: atMs },
      inputs: step.effects.flatMap((effect) => {
        const { collectIn, trackIn } = groupKeys(effect, group);
        const collect = {
          shard: shardOfText(collectIn),
          input: { group: collectIn, use: 'collect' as const, effect },
        };
        if (collectIn === trackIn) return [collect];
        return [
          collect,
          { shard: shardOfText(trackIn), input: { group: trackIn, use: 'track' as const, effect } },
        ];
      }),
      ended: endedEpisode(tracked, host, step.memory, atMs),
    };
    tracked.isBusy = true;
    void this.#submit(host, tracked, lease, change, step.memory);
  }

  async #submit(
    host: HostId | null,
    tracked: Tracked,
    lease: Lease,
    change: AlertChange,
    memory: AlertMemory,
  ): Promise<void> {
    const outcome = await this.#deps.changes.submit(shardOf(host), lease, change);
    tracked.isBusy = false;
    if (outcome.type === 'changed') Object.assign(tracked, { memory, text: outcome.text });
    else if (outcome.type === 'conflict') {
      const { current } = outcome;
      Object.assign(tracked, { memory: current?.alert.memory ?? WELL, text: current?.text ?? null });
    }
    // Otherwise the next evaluation decides again, on what is known.
    this.#forgetIfWell(host, tracked);
  }

  #watch(entry: TargetEntry): HostWatch {
    const { host, subject } = entry;
    const known = this.#watches.get(host);
    const { revision } = this.#deps.rules;
    if (known?.subject === subject && known.revision === revision) return known;
    const watch = new HostWatch({
      subject,
      rules: this.#deps.rules.select(subject),
      revision,
      before: known ?? null,
    });
    this.#watches.set(host, watch);
    if (watch.added.length > 0) this.#deps.onWatched(watch);
    return watch;
  }

  #factsOf(entry: TargetEntry): StateFacts {
    const { host, status, clockSkewMs, conflicting, quarantine, subject } = entry;
    const target = {
      status,
      clockSkewMs,
      conflictingInstances: conflicting,
      quarantine,
      system: subject.system,
    };
    return { ...this.#deps.factsOf(host), target, hubVersion: this.#deps.hubVersion };
  }

  #trackedOf(host: HostId | null, rule: string, device: string | null): Tracked | undefined {
    return this.#tracked.get(host)?.get(keyOf(rule, device));
  }

  #track(
    host: HostId | null,
    rule: string,
    device: string | null,
    memory: AlertMemory,
    text: string | null,
  ): Tracked {
    const tracked: Tracked = {
      ...{ rule, device, memory, text, isBusy: false },
      ...{ seenAtMs: this.#deps.nowMs(), round: this.#round },
    };
    const ofHost = this.#tracked.get(host);
    if (ofHost === undefined) this.#tracked.set(host, new Map([[keyOf(rule, device), tracked]]));
    else ofHost.set(keyOf(rule, device), tracked);
    return tracked;
  }

  #adopt(
    { rule, host, device, memory }: Pick<StoredAlert, 'rule' | 'host' | 'device' | 'memory'>,
    text: string,
  ): void {
    if (this.#held.has(shardOf(host))) this.#track(host, rule, device, memory, text);
  }

  #forgetIfWell(host: HostId | null, { rule, device, memory, text, isBusy }: Tracked): void {
    if (isBusy || text !== null || !isForgettable(memory)) return;
    const ofHost = this.#tracked.get(host);
    ofHost?.delete(keyOf(rule, device));
    if (ofHost?.size === 0) this.#tracked.delete(host);
  }
}

/** Returns true if a host no longer has a device. One that is offline may have it still. */
function isGone(
  { rule }: ActiveRule,
  entry: TargetEntry | null,
  { device, seenAtMs }: Tracked,
  atMs: number,
): boolean {
  if (device === null) return false;
  if (rule.condition.type === 'state') return STATE_KINDS[rule.condition.kind].endsWithDevice === true;
  return entry?.status === 'active' && atMs - seenAtMs > GONE_AFTER_MS;
}

/** Each rollout has a message of its own, whose link opens it. Schedules share those of a rule. */
const fleetGroupOf = (device: string | null): string | null =>
  parseFleetDevice(device ?? '')?.type === 'rollout' ? device : null;

const keyOf = (rule: string, device: string | null): string => (device === null ? rule : `${rule} ${device}`);

const finite = (reading: number | null): number | null =>
  reading !== null && Number.isFinite(reading) ? reading : null;

/** A rule that nobody knows any more, as far as its alerts still need it to end. */
const goneRule = (name: string): CompiledRule =>
  compileRule(alertRuleSchema.parse({ name, selector: '', when: { state: 'offline' } }));

/** Returns the episode that ends when the memory of a subject is replaced; `null`: none does. */
function endedEpisode(
  { rule, device, memory: { episode } }: Pick<Tracked, 'rule' | 'device' | 'memory'>,
  host: HostId | null,
  after: AlertMemory,
  endedAtMs: number,
): EndedEpisode | null {
  if (episode === null || after.episode?.id === episode.id) return null;
  const { id, severity, startedAtMs, acknowledged, firstNotifiedAtMs: notifiedAtMs } = episode;
  return { id, rule, host, device, severity, startedAtMs, endedAtMs, acknowledged, notifiedAtMs };
}
