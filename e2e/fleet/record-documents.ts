import { V2_SUBPROTOCOL } from '@booner/protocol';
import { WebSocket } from 'ws';

const EVERY_MS = 20;
const ANSWER_DEADLINE_MS = 60_000;
const PATHS = ['/system/status', '/system/status?version=2', '/targets'] as const;

/** A target as a document of either version showed it. */
type ShownTarget = {
  /** Which document. */
  readonly where: string;
  readonly host: string;
  readonly status: string;
  readonly specs?: string;
  readonly label?: string | null;
  readonly inventory?: object | null;
};

export type DocumentRecorder = AsyncDisposable & {
  /** Documents of each kind that were received. */
  readonly counts: ReadonlyMap<string, number>;
  shown(host: string): readonly ShownTarget[];
};

/**
 * Records every document about the fleet that a hub serves: both versions of the stream,
 * reconnected whenever the hub is up, and the REST routes, requested some fifty times a second. The
 * hub may start later, stop and start again.
 */
export function recordDocuments(hubUrl: string): DocumentRecorder {
  const stop = new AbortController();
  const { signal } = stop;
  const shown: ShownTarget[] = [];
  const counts = new Map<string, number>();
  const take = (where: string, text: string) => {
    const document = JSON.parse(text);
    counts.set(where, (counts.get(where) ?? 0) + 1);
    for (const target of document.deployment_targets ?? document.targets ?? [])
      shown.push({ ...target, where });
  };
  const running = Promise.all([
    ...PATHS.map((path) => poll(new URL(path, hubUrl), (text) => take(`GET ${path}`, text), signal)),
    follow(hubUrl, [], (text) => take('stream, version 1', text), signal),
    follow(hubUrl, [V2_SUBPROTOCOL], (text) => take('stream, version 2', text), signal),
  ]);
  return {
    counts,
    shown: (host) => shown.filter((target) => target.host === host),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, EVERY_MS));

async function poll(url: URL, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_DEADLINE_MS)]);
    // A hub that is down, or answers that it does not know yet, says nothing false.
    const answer = await fetch(url, { signal: deadline }).catch(() => null);
    const text = answer?.ok ? await answer.text().catch(() => null) : null;
    if (text !== null) onText(text);
    await pause();
  }
}

async function follow(
  hubUrl: string,
  protocols: readonly string[],
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL('/ws/system/status', hubUrl.replace(/^http/, 'ws'));
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(url, [...protocols]);
      const cut = () => socket.terminate();
      signal.addEventListener('abort', cut);
      socket.on('message', (data) => onText(data.toString()));
      socket.on('error', () => undefined); // a close follows
      socket.on('close', () => {
        signal.removeEventListener('abort', cut);
        resolve();
      });
    });
    await pause();
  }
}
