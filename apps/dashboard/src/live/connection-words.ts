import type { ConnectionState } from '@booner/client';

export type ConnectionKind = ConnectionState['type'] | 'cut_off';

type Words = {
  readonly word: string;
  readonly mark: string;
  readonly className: string;
  /** Describes the page's behaviour in this state. */
  readonly detail: string;
};

/** Each state has its own shape besides its colour and word. */
export const CONNECTION_WORDS: Readonly<Record<ConnectionKind, Words>> = {
  connecting: {
    word: 'Connecting',
    mark: '○',
    className: 'text-muted',
    detail: 'The page is opening a WebSocket to the hub.',
  },
  live: {
    word: 'Live',
    mark: '●',
    className: 'text-good',
    detail: 'Changes arrive over a WebSocket as they happen.',
  },
  polling: {
    word: 'Polling',
    mark: '◐',
    className: 'text-warn',
    detail: 'The page polls over HTTP and keeps trying to open a WebSocket.',
  },
  offline: {
    word: 'Offline',
    mark: '✕',
    className: 'font-semibold text-bad',
    detail: 'This page shows the last known state. It keeps trying to reconnect, at least every 15 s.',
  },
  cut_off: {
    word: 'Cut off',
    mark: '▲',
    className: 'font-semibold text-bad',
    detail:
      'The page reaches the hub, but the hub cannot reach Redis: no metrics arrive, and tasks wait. The hub keeps trying.',
  },
};

/** Turns a detail of the client or the hub into a sentence. */
export const asSentence = (detail: string): string =>
  `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.!?]$/.test(detail) ? '' : '.'}`;
