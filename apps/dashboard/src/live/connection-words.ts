import type { ConnectionState } from '@booner/client';

export type ConnectionKind = ConnectionState['type'] | 'cut_off';

type Words = {
  readonly word: string;
  readonly mark: string;
  readonly className: string;
  /** What the page does about it. */
  readonly detail: string;
};

/** Each has a shape of its own beside its colour and its word. */
export const CONNECTION_WORDS: Readonly<Record<ConnectionKind, Words>> = {
  connecting: {
    word: 'Connecting',
    mark: '○',
    className: 'text-muted',
    detail: 'The page opens a WebSocket to the hub.',
  },
  live: {
    word: 'Live',
    mark: '●',
    className: 'text-good',
    detail: 'Changes come over a WebSocket as they happen.',
  },
  polling: {
    word: 'Polling',
    mark: '◐',
    className: 'text-warn',
    detail: 'The page asks over HTTP at each interval, and goes on trying a WebSocket.',
  },
  offline: {
    word: 'Offline',
    mark: '✕',
    className: 'font-semibold text-bad',
    detail: 'What is shown is what was known last. The page goes on trying, with pauses of at most 15 s.',
  },
  cut_off: {
    word: 'Cut off',
    mark: '▲',
    className: 'font-semibold text-bad',
    detail:
      'The page reaches the hub, but the hub does not reach Redis: it hears no agents, and tasks wait. It goes on trying.',
  },
};

/** A sentence as people write it, from a detail of the client or the hub. */
export const asSentence = (detail: string): string =>
  `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.!?]$/.test(detail) ? '' : '.'}`;
