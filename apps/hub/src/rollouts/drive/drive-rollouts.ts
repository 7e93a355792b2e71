import type { LeaseBus, RolloutBus, TaskBus } from '@booner/bus';
import { isRolloutSettled, type Rollout, type RolloutId, type TaskId } from '@booner/protocol';
import { shardOfText } from '@booner/protocol/shard';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { Principal } from '../../access/principal.ts';
import { lastingCredentialId } from '../../access/principal.ts';
import type { CreateTask } from '../../tasks/create-task.ts';
import { advanceRollout } from '../machine/advance-rollout.ts';
import type { RolloutCommand } from '../machine/rollout-step.ts';
import { type LookDeps, lookAround } from './look-around.ts';
import { refusalText } from './refusal-text.ts';

const TICK_MS = 250;
/** Without rollouts, a new one of another hub is found this late. */
const IDLE_TICK_MS = 1000;

export type DriverDeps = LookDeps & {
  readonly bus: Pick<RolloutBus, 'whenConnected' | 'readOpen' | 'read' | 'save'>;
  readonly leases: Pick<LeaseBus, 'leaseOf'>;
  readonly tasks: Pick<TaskBus, 'read' | 'readRunner' | 'cancel'>;
  readonly create: CreateTask;
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
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
  }

  /** Reads the open rollouts with the next tick, rather than within {@link IDLE_TICK_MS}. */
  wake(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const failures = createFailureLog(this.#deps.log, {
      failing: 'rollouts cannot be moved on',
      recovered: 'rollouts are moved on again',
    });
    const ready = this.#deps.bus.whenConnected;
    await runLoop({ run: () => this.tick(), intervalMs: TICK_MS, ready, failures }, { signal });
  }

  /** Takes one step with each rollout. Rejects with `BusError`. */
  async tick(): Promise<void> {
    const { bus, leases } = this.#deps;
    if (this.#open.size === 0 && performance.now() - this.#readAtMs < IDLE_TICK_MS) return;
    this.#readAtMs = performance.now();
    const { nowMs, versions } = await bus.readOpen();
    this.#open = versions;
    const held = [...versions.keys()].filter((id) => leases.leaseOf(shardOfText(id)) !== null);
    this.#known = new Map([...this.#known].filter(([id]) => held.includes(id)));
    const outcomes = await Promise.allSettled(held.map((id) => this.#advance(id, nowMs)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #advance(id: RolloutId, nowMs: number): Promise<void> {
    const { bus, leases } = this.#deps;
    const known = await this.#read(id);
    if (known === null) return;
    const { rollout, refusals } = known;
    const view = await lookAround(this.#deps, rollout, { nowMs, refusals });
    const step = advanceRollout(rollout, view);
    if (step.rollout !== rollout) {
      const { hosts: _, ...head } = step.rollout;
      const lease = leases.leaseOf(shardOfText(id));
      if (lease === null) return;
      const isSettled = isRolloutSettled(step.rollout);
      if ((await bus.save(lease, { head, hosts: step.hosts, isSettled })) !== 'saved') {
        this.#known.delete(id);
        return;
      }
      this.#known.set(id, { rollout: step.rollout, refusals });
    }
    await Promise.all(
      step.commands.map((command) => this.#carryOut(step.rollout, command, view.creator, refusals)),
    );
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
    { id, request, approver, createdBy: subject }: Rollout,
    command: RolloutCommand,
    creator: Principal | null,
    refusals: Map<TaskId, string>,
  ): Promise<void> {
    const { tasks, create } = this.#deps;
    const { taskId } = command;
    if (command.type === 'cancel') {
      await tasks.cancel(taskId);
      return;
    }
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
        rollout: { id, taskId, isApproved },
      },
      null,
      { role: creator.role, credentialId: lastingCredentialId(creator), subject },
    );
    const refusal = refusalText(outcome, { host: command.host, action });
    if (refusal !== null) refusals.set(taskId, refusal);
  }
}
