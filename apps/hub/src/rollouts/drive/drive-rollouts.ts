import type { LeaseBus, RolloutBus, TaskBus } from '@booner/bus';
import { isRolloutSettled, type Rollout, type RolloutId, type TaskId } from '@booner/protocol';
import { shardOfText } from '@booner/protocol/shard';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { Principal } from '../../access/principal.ts';
import { lastingCredentialId } from '../../access/principal.ts';
import { mapInTurns } from '../../feature/in-turns.ts';
import type { CreateTask } from '../../tasks/create-task.ts';
import { advanceRollout } from '../machine/advance-rollout.ts';
import type { RolloutCommand, RolloutStep } from '../machine/rollout-step.ts';
import { type LookDeps, lookAround, TICK_MS } from './look-around.ts';
import { refusalText } from './refusal-text.ts';

/** Steps of a rollout in one tick: it closes a batch, passes a gate, and begins the next one. */
const MAX_STEPS = 4;
/** Without rollouts, open ones are looked for once in each period of this length. */
const IDLE_PERIOD_MS = 1000;

export type DriverDeps = LookDeps & {
  readonly bus: Pick<RolloutBus, 'whenConnected' | 'readOpen' | 'read' | 'save'>;
  readonly leases: Pick<LeaseBus, 'leaseOf'>;
  readonly tasks: Pick<TaskBus, 'read' | 'readRunner' | 'cancel'>;
  readonly create: CreateTask;
  /** What the creator of a rollout may do now; `null`: its credential has ended. */
  readonly creatorOf: (credentialId: string | null) => Promise<Principal | null>;
  readonly log: Logger;
};

/** A rollout as it was last stored, and why tasks of it could not be created. */
type Known = { readonly rollout: Rollout; readonly refusals: Map<TaskId, string> };

/**
 * Moves the rollouts on whose shards this hub holds. Every step is stored before it is carried out,
 * and stored only while the lease is in force, so another hub can go on from any of them.
 */
export class RolloutDriver {
  readonly #deps: DriverDeps;
  #known = new Map<RolloutId, Known>();
  /** Versions of the rollouts that are open, over all hubs. */
  #open: ReadonlyMap<RolloutId, number> = new Map();
  #readInPeriod = Number.NaN;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
  }

  /** Reads the open rollouts with the next tick, rather than within {@link IDLE_PERIOD_MS}. */
  wake(): void {
    this.#readInPeriod = Number.NaN;
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const failures = createFailureLog(this.#deps.log, {
      failing: 'rollouts cannot be moved on',
      recovered: 'rollouts are moved on again',
    });
    const ready = this.#deps.bus.whenConnected;
    await runLoop(
      { run: () => this.tick(), intervalMs: TICK_MS, isAligned: true, ready, failures },
      { signal },
    );
  }

  /** Takes one step with each rollout. Rejects with `BusError`. */
  async tick(): Promise<void> {
    const { bus, leases } = this.#deps;
    const period = Math.floor(performance.now() / IDLE_PERIOD_MS);
    if (this.#open.size === 0 && period === this.#readInPeriod) return;
    this.#readInPeriod = period;
    const { nowMs, versions } = await bus.readOpen();
    this.#open = versions;
    const held = [...versions.keys()].filter((id) => leases.leaseOf(shardOfText(id)) !== null);
    this.#known = new Map([...this.#known].filter(([id]) => held.includes(id)));
    const outcomes = await Promise.allSettled(held.map((id) => this.#advance(id, nowMs)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Takes steps until one changes nothing, or has something to carry out. */
  async #advance(id: RolloutId, nowMs: number): Promise<void> {
    const { creatorOf } = this.#deps;
    const known = await this.#read(id);
    if (known === null) return;
    const { refusals } = known;
    let asked: Promise<Principal | null> | null = null;
    const creator = () => {
      asked ??= creatorOf(known.rollout.credentialId);
      return asked;
    };
    for (let { rollout } = known, steps = 0; steps < MAX_STEPS; steps += 1) {
      const view = await lookAround(this.#deps, rollout, { nowMs, refusals, creator });
      const step = advanceRollout(rollout, view);
      if (step.rollout !== rollout && !(await this.#store(step, refusals))) return;
      await mapInTurns(step.commands, (command) => this.#carryOut(step.rollout, command, creator, refusals));
      if (step.rollout === rollout || step.commands.length > 0) return;
      rollout = step.rollout;
    }
  }

  /** @returns `false` if this hub may not, or somebody else was first */
  async #store({ rollout, hosts }: RolloutStep, refusals: Known['refusals']): Promise<boolean> {
    const { bus, leases } = this.#deps;
    const { hosts: _, ...head } = rollout;
    const lease = leases.leaseOf(shardOfText(rollout.id));
    if (lease === null) return false;
    const outcome = await bus.save(lease, { head, hosts, isSettled: isRolloutSettled(rollout) });
    if (outcome === 'saved') this.#known.set(rollout.id, { rollout, refusals });
    else this.#known.delete(rollout.id);
    return outcome === 'saved';
  }

  /** Returns the newest version. */
  async #read(id: RolloutId): Promise<Known | null> {
    const known = this.#known.get(id);
    if (known?.rollout.version === this.#open.get(id)) return known ?? null;
    const rollout = await this.#deps.bus.read(id);
    if (rollout === null) return null;
    const read = { rollout, refusals: known?.refusals ?? new Map() };
    this.#known.set(id, read);
    return read;
  }

  async #carryOut(
    { id, request, approver, traceparent, createdBy: subject }: Rollout,
    command: RolloutCommand,
    creatorNow: () => Promise<Principal | null>,
    refusals: Map<TaskId, string>,
  ): Promise<void> {
    const { tasks, create } = this.#deps;
    const { taskId } = command;
    if (command.type === 'cancel') {
      await tasks.cancel(taskId);
      return;
    }
    const creator = await creatorNow();
    if (creator === null) return;
    const isApproved = approver !== null && command.of === 'action';
    const { action, params } = command.of === 'check' ? (request.between.check ?? request) : request;
    const outcome = await create(
      {
        host: command.host,
        action,
        params,
        external: null,
        check: false,
        traceparent,
        rollout: { id, taskId, isApproved },
      },
      null,
      { role: creator.role, credentialId: lastingCredentialId(creator), subject },
    );
    const refusal = refusalText(outcome, { host: command.host, action });
    if (refusal !== null) refusals.set(taskId, refusal);
  }
}
