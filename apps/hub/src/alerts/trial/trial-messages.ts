import type { AlertRule, HostId } from '@booner/protocol';
import type { TriedEpisodes } from './try-rule.ts';

/** What the thread is started with. */
export type TrialData = {
  readonly rule: AlertRule;
  /** Episodes that ended before are left out. */
  readonly fromMs: number;
};

/** What the thread is asked, one at a time. */
export type ToTrial =
  /** A page of the history of a host: a `SeriesHistory` as JSON in UTF-8. */
  | { readonly type: 'page'; readonly host: HostId; readonly json: Uint8Array<ArrayBuffer> }
  /** The host has no more pages. */
  | { readonly type: 'end'; readonly host: HostId };

/** Of a page. `stepMs`: length of its points; `null`: samples as they were received, or none. */
export type PageTaken = { readonly stepMs: number | null };

/** Of an end: what the rule would have done on the host. */
export type TriedHost = TriedEpisodes;

export type FromTrial = PageTaken | TriedHost;
