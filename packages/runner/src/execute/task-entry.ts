import type { TaskOffer } from '@booner/protocol';
import type { AttemptToken } from '@booner/protocol/task-id';
import type { Action } from '../catalogue/action.ts';
import type { LogWriter } from '../report/log-writer.ts';
import type { Repetition } from '../report/repeat.ts';
import type { Attempt } from './start-attempt.ts';

export type ClaimingEntry = {
  readonly state: 'claiming';
  readonly offer: TaskOffer;
  /** As it was when its place was taken; `null`: there was none. */
  readonly action: Action | null;
  readonly claim: Repetition;
};

export type RunningEntry = {
  readonly state: 'running';
  readonly attempt: Attempt;
  readonly action: Action | null;
  /** The hubs do not wait for its end. */
  givenUp: boolean;
  /** As after each loss of the bus. It matters only when the attempt is given up. */
  offeredAgain: TaskOffer | null;
};

type EndedTask = {
  readonly state: 'ended';
  readonly token: AttemptToken;
  readonly report: Repetition;
  readonly log: LogWriter | null;
  /** It matters only when the hubs had given the attempt up. */
  offeredAgain: TaskOffer | null;
};

/** What this host does with each task that it knows of, from the offer until the hubs know the end. */
export type Entry =
  | { readonly state: 'waiting'; readonly offer: TaskOffer }
  | ClaimingEntry
  | RunningEntry
  | EndedTask;
