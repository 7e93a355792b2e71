import type { HostId, PasswordOffer } from '@booner/protocol';
import type { Redis } from 'ioredis';
import type { BusError } from '../../bus-error.ts';
import { PRESENCE_INTERVAL_MS } from '../../limits.ts';
import type { Rejection } from '../../ports.ts';
import type { RunnerListener, SendOutcome } from '../../task-ports.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { createRefusals } from '../connection/refusals.ts';
import { createPresence, type OwnPresence } from './runner-presence.ts';
import { createRunnerStreams, type RunnerStreams } from './runner-streams.ts';

/** A runner does not repeat its `hello` within this time, unless something changed. */
const HELLO_AGAIN_MS = 10_000;

type Connections = { readonly scope: ConnectionScope; readonly commands: Redis; readonly reads: Redis };

/** State of one connection. */
type Session = Connections & {
  /** Time of the last `hello`; `null`: hubs have to be notified. */
  helloAtMs: number | null;
  /** `null` while the streams are not read. */
  reading: { readonly stop: () => void; readonly streams: RunnerStreams } | null;
};

export type ServingOptions = {
  readonly host: HostId;
  readonly instance: string;
  readonly listener: RunnerListener;
  readonly onRefused?: (error: BusError) => void;
  readonly onRejected: (rejection: Rejection) => void;
  readonly hello: () => Promise<SendOutcome>;
  /** Returns the offer to change the password, which is part of the presence. */
  readonly offer: () => PasswordOffer | null;
  readonly random?: () => number;
};

/** Keeps a runner's place on its host, and reads the host's streams while it has the place. */
export function createServing(options: ServingOptions) {
  const { host, instance, listener, onRefused, onRejected, hello, offer, random } = options;
  const presence = createPresence({ host, instance, offer, onTwoSteps: onRefused });
  const ofPresence = createRefusals(onRefused);
  const ofReading = createRefusals(onRefused);
  let session: Session | null = null;
  /** `null` before the first check. */
  let isServing: boolean | null = null;
  let looking: Promise<void> = Promise.resolve();
  let looksWaiting = 0;
  let following: Promise<void> = Promise.resolve();

  const look = () => {
    if (looksWaiting > 0) return; // the waiting check happens later than now
    looksWaiting += 1;
    looking = looking.then(async () => {
      looksWaiting -= 1;
      if (session !== null && !presence.isEmpty()) await lookOnce(session);
    });
  };
  const lookOnce = async (current: Session) => {
    try {
      const outcome = await presence.write(current.commands);
      ofPresence.accepted();
      if (current.scope.signal.aborted || presence.isEmpty()) return;
      const isMine = outcome !== 'another';
      // The presence had expired: hubs may have queued its tasks again in the meantime.
      if (outcome === 'taken') await current.reading?.streams.offerAgain();
      if (isMine !== isServing) {
        isServing = isMine;
        current.helloAtMs = null;
        listener.onServing(isMine);
      }
    } catch (error) {
      return ofPresence.failed(current.scope, error);
    }
    if (current.helloAtMs === null) {
      current.helloAtMs = performance.now();
      if ((await hello()) === 'unsent') current.helloAtMs = null;
    }
    if (isServing) read(current);
    else stopReading(current);
  };
  const read = (current: Session) => {
    if (current.reading !== null || current.scope.signal.aborted) return;
    const stopping = new AbortController();
    const { commands, reads, scope } = current;
    const streams = createRunnerStreams(
      {
        ...{ host, commands, reads, listener, onRejected, random },
        onMissing: () => {
          const { helloAtMs } = current;
          if (helloAtMs !== null && performance.now() - helloAtMs >= HELLO_AGAIN_MS) current.helloAtMs = null;
          look();
        },
        onRead: ofReading.accepted,
        onFailed: (error) => ofReading.failed(scope, error),
      },
      stopping.signal,
    );
    current.reading = { stop: () => stopping.abort(), streams };
    // In sequence: the last command of the previous reader may still be blocked.
    following = following.then(streams.follow);
  };
  const stopReading = (current: Session) => {
    current.reading?.stop();
    current.reading = null;
  };

  return {
    /**
     * Writes the presence before the connection is used: hubs trust a runner's reports only if its
     * presence is there.
     */
    announce: async ({ scope, commands }: Pick<Connections, 'scope' | 'commands'>) => {
      if (presence.isEmpty() || isServing !== true) return; // it has nothing to report yet
      try {
        await presence.write(commands);
      } catch (error) {
        ofPresence.failed(scope, error);
      }
    },
    /** Starts to serve over a new connection. */
    begin: (connections: Connections) => {
      const current: Session = { ...connections, helloAtMs: null, reading: null };
      session = current;
      const timer = setInterval(look, PRESENCE_INTERVAL_MS);
      current.scope.signal.addEventListener('abort', () => {
        clearInterval(timer);
        stopReading(current);
        session = null;
      });
      look();
    },
    present: (given: OwnPresence) => {
      presence.set(given);
      look();
    },
    /** Releases the place. */
    leave: async () => {
      presence.clear();
      isServing = null;
      const current = session;
      if (current === null) return;
      stopReading(current);
      await looking;
      try {
        await presence.remove(current.commands);
      } catch (error) {
        ofPresence.failed(current.scope, error);
      }
    },
    /** Settles when all work has ended after the end of the connection. */
    ended: async () => {
      await Promise.all([looking, following]);
    },
  };
}
