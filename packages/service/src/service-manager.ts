import { openNotifySocket } from './systemd-notify.ts';

/**
 * Reports to the service manager that started the daemon; see sd_notify(3). Without one, each
 * method does nothing.
 */
export type ServiceManager = {
  /**
   * Reports the end of the start, which units that wait for this one need. The watchdog is active
   * from now on.
   */
  ready(): void;
  /** Sets the line in `systemctl status`. Sent if it differs from the last one. */
  status(text: string): void;
  /**
   * Reports that the main loop has made progress and will again within so many milliseconds. If it
   * does not, the watchdog expires and systemd restarts the daemon. Before the first call, the
   * watchdog only expires if the event loop is blocked.
   */
  progress(withinMs: number): void;
};

const NONE: ServiceManager = { ready() {}, status() {}, progress() {} };
/** systemd recommends half its limit. A quarter tolerates one delay on a busy machine. */
const FEEDS_PER_LIMIT = 4;
/** Interval of retries while systemd has no room for a message. */
const RETRY_MS = 1000;

export type ServiceManagerOptions = {
  /**
   * `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are removed from it, so that no child uses
   * them.
   */
  readonly env: NodeJS.ProcessEnv;
};

/**
 * Starts reporting to systemd if it asked for that (`Type=notify`). Sends STOPPING when the signal
 * aborts.
 * @throws StartError if there is a socket but it cannot be used
 */
export function reportToServiceManager(
  { env }: ServiceManagerOptions,
  { signal }: { signal: AbortSignal },
): ServiceManager {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC: limitUs, WATCHDOG_PID: watched } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (path === undefined || path === '') return NONE;
  const socket = openNotifySocket(path);
  /** State that systemd has not received, by name. Watchdog messages are not state. */
  const unsent = new Map<string, string>();
  let lastStatus = '';
  let progressDueAtMs = Number.POSITIVE_INFINITY;

  const sendState = () => {
    if (unsent.size === 0) return;
    if (socket.send([...unsent].map(([name, value]) => `${name}=${value}`).join('\n'))) unsent.clear();
    else setTimeout(sendState, RETRY_MS).unref();
  };
  const report = (name: string, value: string) => {
    unsent.set(name, value);
    sendState();
  };
  const limitMs = Number(limitUs) / 1000;
  const isWatched = limitMs > 0 && (watched === undefined || Number(watched) === process.pid);
  if (isWatched) {
    setInterval(() => {
      if (performance.now() < progressDueAtMs) socket.send('WATCHDOG=1');
    }, limitMs / FEEDS_PER_LIMIT).unref();
  }
  signal.addEventListener('abort', () => report('STOPPING', '1'), { once: true });
  return {
    ready: () => report('READY', '1'),
    status: (text) => {
      if (text === lastStatus) return;
      lastStatus = text;
      report('STATUS', text.replaceAll(/\s+/g, ' ').trim());
    },
    progress: (withinMs) => {
      progressDueAtMs = performance.now() + withinMs;
    },
  };
}
