import type { Alert, MuteReason } from '@booner/protocol';

const MUTES: Readonly<Record<MuteReason, string>> = {
  host_offline: 'its host is offline, which has an alert of its own',
  parent_offline: 'what it depends on is offline',
  silence: 'a silence',
  quiet_hours: 'quiet hours',
  hub_blind: 'the hub receives nothing from any host',
};

/** Says why nobody is notified: "Muted by a silence and quiet hours". */
export function muteText(mutes: readonly MuteReason[]): string {
  const byPeople: readonly MuteReason[] = mutes.filter(
    (reason) => reason === 'silence' || reason === 'quiet_hours',
  );
  const others = mutes.filter((reason) => !byPeople.includes(reason));
  const parts = [
    byPeople.length > 0 && `by ${byPeople.map((reason) => MUTES[reason]).join(' and ')}`,
    others.length > 0 && `because ${others.map((reason) => MUTES[reason]).join(', and ')}`,
  ].filter((part) => part !== false);
  return `Muted ${parts.join(', and ')}`;
}

const STATUSES: Readonly<Record<Alert['status'], string | null>> = {
  firing: null,
  recovering: 'recovering',
  flapping: 'flapping: it changes often, so messages wait until it is steady',
  unknown: 'no data',
  resolved: null,
};

/** Says what is special about the state of an alert; `null`: nothing. */
export const statusNote = ({ status }: Pick<Alert, 'status'>): string | null => STATUSES[status];

/** The reading and what it is compared with: "93 %, over 90 %". A state's title says it all. */
export const readingText = ({ valueText, threshold }: Pick<Alert, 'valueText' | 'threshold'>): string =>
  threshold === null ? '' : `${valueText}, ${threshold}`;

/** Names an alert: "Host is offline, 10.0.0.2". Titles about rollouts and schedules say it all. */
export const subjectText = ({ title, host }: Pick<Alert, 'title' | 'host'>): string =>
  host === null ? title : `${title}, ${host}`;
