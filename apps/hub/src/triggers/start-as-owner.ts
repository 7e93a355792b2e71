import type { HostId, RolloutId, RolloutRequest } from '@booner/protocol';
import type { Principal } from '../access/principal.ts';
import type { CreateRollout } from '../rollouts/create-rollout.ts';

export type StartAsOwnerDeps = {
  readonly create: CreateRollout;
  /** Returns the rights of an owner now; `null`: its credential has ended. */
  readonly creatorOf: (credentialId: string | null) => Promise<Principal | null>;
  /** Returns the targets that a rollout of this owner would have now, in its order. */
  readonly select: (request: RolloutRequest, owner: Principal) => readonly HostId[];
};

export type StartOrder = {
  readonly type: 'schedule' | 'hook';
  readonly name: string;
  readonly credentialId: string | null;
  readonly request: RolloutRequest;
  /** Id of the rollout: follows from what triggers it, so that it exists once. */
  readonly id: RolloutId;
};

export type StartOutcome =
  | { readonly type: 'started'; readonly isNew: boolean; readonly owner: Principal }
  | {
      readonly type: 'refused';
      readonly status: 403 | 409 | 422 | 429;
      readonly detail: string;
      /** The owner lost the right, so another attempt has no point. */
      readonly isForGood: boolean;
    };

/**
 * Starts rollouts for schedules and hooks, with the rights that their owner's credential has then.
 */
export const ownerStarter =
  ({ create, creatorOf, select }: StartAsOwnerDeps) =>
  async ({ type, name, credentialId, request, id }: StartOrder): Promise<StartOutcome> => {
    const owner = await creatorOf(credentialId);
    if (owner === null) {
      const detail = `the credential that set the ${type} has ended: set it again`;
      return { type: 'refused', status: 403, detail, isForGood: true };
    }
    const hosts = select(request, owner);
    const trigger = { type, name, id };
    const outcome = await create({ request, hosts, principal: owner, key: null, trigger });
    switch (outcome.type) {
      case 'accepted':
        return { type: 'started', isNew: outcome.isNew, owner };
      case 'key_reused':
        return { type: 'started', isNew: false, owner };
      case 'full':
        return { type: 'refused', status: 429, detail: 'too many rollouts are open', isForGood: false };
      case 'nobody_approves': {
        const detail = 'it needs an approval, and this hub does not require sign-in';
        return { type: 'refused', status: 409, detail, isForGood: false };
      }
      case 'refused': {
        const detail = outcome.issues.map((issue) => issue.detail).join('; ');
        const { status } = outcome;
        return { type: 'refused', status, detail, isForGood: status === 403 };
      }
      default:
        return outcome satisfies never;
    }
  };

export type StartAsOwner = ReturnType<typeof ownerStarter>;
