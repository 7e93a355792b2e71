import type { HostId } from '@booner/protocol';
import type { CreationOutcome } from '../../tasks/create-task.ts';

/**
 * Returns why a host cannot run its task; `null` if the task was created, or may be later.
 */
export function refusalText(
  outcome: CreationOutcome,
  { host, action }: { readonly host: HostId; readonly action: string },
): string | null {
  switch (outcome.type) {
    case 'accepted':
    case 'not_wanted':
    case 'queue_full':
      return null;
    case 'unknown_host':
      return 'the target was removed';
    case 'no_runner':
      return 'offline';
    case 'unknown_action':
      return `does not offer the action ${action}`;
    case 'not_allowed':
      return `${action} of ${host} needs the role ${outcome.needed}`;
    case 'needs_approval':
      return `each run of ${action} needs an approval, which this rollout did not ask for`;
    case 'bad_params':
      return outcome.issues.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
    case 'no_secret':
    case 'bad_offer':
      return outcome.detail;
    case 'no_check':
    case 'key_reused':
    case 'too_many_external':
      throw new Error(`a task of a rollout was refused as ${outcome.type}`);
    default:
      return outcome satisfies never;
  }
}
