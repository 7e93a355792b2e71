import type { SecretOutcome } from '@booner/client';
import type { SecretList } from '@booner/protocol';
import { formatCount } from '../format/numbers.ts';

export type ListedSecret = SecretList['secrets'][number];
export type SecretTarget = ListedSecret['targets'][number];

/** Returns how many targets have a secret, and how many of these cannot use it, as phrases. */
export function countsOf({ targets }: ListedSecret): { readonly all: string; readonly wrong: string | null } {
  const wrong = targets.filter(({ state }) => state === 'key_changed').length;
  return {
    all: targetsText(targets.length),
    wrong: wrong === 0 ? null : `${formatCount(wrong)} cannot open it`,
  };
}

/** Returns the target whose value was set last. */
export const lastSet = ({ targets }: ListedSecret): SecretTarget | undefined =>
  targets.reduce<SecretTarget | undefined>(
    (last, target) => (last === undefined || target.setAtMs > last.setAtMs ? target : last),
    undefined,
  );

/** Returns a selector of the targets of a secret. */
export const selectorOf = ({ targets }: ListedSecret): string =>
  targets.length === 1
    ? `host=${targets[0]!.host}`
    : `host in (${targets.map(({ host }) => host).join(',')})`;

/** Says what became of setting a secret. */
export function outcomeText({
  targets,
  withoutRunner,
}: Pick<SecretOutcome, 'targets' | 'withoutRunner'>): string {
  if (targets.length > 0) return `It is set for ${targetsText(targets.length)}.`;
  return withoutRunner.length > 0
    ? 'It was not set, because no runner serves these targets now.'
    : 'It was not set: no target matches that you may act on.';
}

export const targetsText = (count: number): string =>
  count === 1 ? '1 target' : `${formatCount(count)} targets`;
