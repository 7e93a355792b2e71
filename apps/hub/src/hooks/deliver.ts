import type { HookBus, ReadRecord } from '@booner/bus';
import { type HookDelivery, MAX_ERROR_CHARACTERS, type RolloutId, type StoredHook } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { AuditLog } from '../access/audit-log.ts';
import { derivedRolloutId } from '../rollouts/derived-id.ts';
import { requestOf } from '../triggers/request-of.ts';
import type { StartAsOwner } from '../triggers/start-as-owner.ts';
import { mapPayload } from './map-payload.ts';

export type DeliverDeps = {
  readonly bus: Pick<HookBus, 'noteDelivery' | 'wasStarted' | 'change'>;
  readonly start: StartAsOwner;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: Logger;
  readonly nowMs: () => number;
};

/** A delivery that was authentic. */
export type AuthenticDelivery = {
  readonly id: string;
  readonly payload: unknown;
  readonly address: string;
};

export type Delivered =
  | { readonly type: 'started' | 'replayed'; readonly rolloutId: RolloutId }
  | { readonly type: 'ignored' }
  | {
      readonly type: 'refused';
      readonly status: 403 | 409 | 422 | 429;
      /** For those who may read the hook. Senders are told no more than `isOfPayload` allows. */
      readonly detail: string;
      readonly isOfPayload: boolean;
    };

/** Carries out deliveries, each once over all hubs, and notes what became of them. */
export function createDeliver({ bus, start, audit, log, nowMs }: DeliverDeps) {
  const carryOut = async (
    { record, text }: ReadRecord<StoredHook>,
    { id, payload, address }: AuthenticDelivery,
  ): Promise<Delivered & { readonly detail?: string }> => {
    const { name, credentialId, hook, paused } = record;
    if (paused !== null) return refused(409, `the hook is paused: ${paused}`);
    const mapped = mapPayload(hook, payload);
    if (mapped.type === 'ignored') return mapped;
    if (mapped.type === 'refused') return { ...refused(422, mapped.detail), isOfPayload: true };
    const rolloutId = derivedRolloutId('hook', name, id);
    if (await bus.wasStarted(rolloutId)) return { type: 'replayed', rolloutId };
    const request = requestOf({ ...hook, params: mapped.params });
    const outcome = await start({ type: 'hook', name, credentialId, request, id: rolloutId });
    if (outcome.type === 'refused') {
      log.warn({ hook: name, reason: outcome.detail }, 'a hook could not start its rollout');
      const { status, detail, isForGood } = outcome;
      const refusal = refused(status, detail);
      // If somebody has changed the hook meanwhile, the next delivery decides again.
      if (isForGood) await bus.change(null, name, text, { ...record, paused: refusal.detail });
      return refusal;
    }
    if (!outcome.isNew) return { type: 'replayed', rolloutId };
    const detail = `started rollout ${rolloutId} for delivery ${id}`;
    const event = { principal: outcome.owner, address, verb: 'hook.deliver', target: name, detail };
    audit.record({ ...event, verdict: 'allowed' });
    return { type: 'started', rolloutId };
  };

  return async (hook: ReadRecord<StoredHook>, delivery: AuthenticDelivery): Promise<Delivered> => {
    const delivered = await carryOut(hook, delivery);
    const { type: outcome, detail } = delivered;
    const rolloutId = 'rolloutId' in delivered ? delivered.rolloutId : null;
    const noted: HookDelivery = {
      atMs: nowMs(),
      id: delivery.id,
      outcome,
      detail: detail ?? null,
      rolloutId,
    };
    await bus.noteDelivery(hook.record.name, noted);
    return delivered;
  };
}

export type Deliver = ReturnType<typeof createDeliver>;

const refused = (status: 403 | 409 | 422 | 429, detail: string) =>
  ({ type: 'refused', status, detail: detail.slice(0, MAX_ERROR_CHARACTERS), isOfPayload: false }) as const;
