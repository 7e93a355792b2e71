import type { RuleTrial } from '@booner/protocol';
import { formatCount } from '../../format/numbers.ts';

type Trial = Pick<RuleTrial, 'episodes' | 'episodeCount' | 'messageCount' | 'selected' | 'tried'>;

/** Says what a rule would have done: "Would have fired 3 times on 2 targets, 6 messages." */
export function trialText({ episodes, episodeCount, messageCount, selected, tried }: Trial): string {
  if (selected === 0) return 'The selector selects no target.';
  if (tried === 0) return 'None of the selected targets has a history of this range.';
  const of = tried < selected ? ` (${formatCount(tried)} of ${counted(selected, 'target')} tried)` : '';
  if (episodeCount === 0) return `Would not have fired on ${counted(tried, 'target')}${of}.`;
  const hosts = new Set(episodes.map(({ host }) => host)).size;
  // The hub lists the first episodes only, which may leave out targets.
  const least = episodes.length < episodeCount ? 'at least ' : '';
  return `Would have fired ${episodeCount === 1 ? 'once' : `${formatCount(episodeCount)} times`} on ${least}${counted(hosts, 'target')}, ${counted(messageCount, 'message')}${of}.`;
}

const counted = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
