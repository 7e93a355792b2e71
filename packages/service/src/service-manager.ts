import { openNotifySocket } from './systemd-notify.ts';

/** What a daemon tells the service manager that started it; see sd_notify(3). Without one, each of these does nothing. */
export type ServiceManager = {
  /** The start is over: whoever waits for this unit goes on. The watchdog watches from now on. */
  ready(): void;
  /** One line for `systemctl status`; sent when it differs from the last. */
  status(text: string): void;
  /**
   * The loop that must not hang has come round, and will again within so many milliseconds. When it does not, the watchdog is no
   * longer fed, and systemd restarts the daemon. Before the first call only a process that answers nothing at all is hung.
   */
  progress(withinMs: number): void;
};

const NONE: ServiceManager = { ready() {}, status() {}, progress() {} };
/** systemd asks for half its limit; a quarter forgives a busy machine one delay. */
const FEEDS_PER_LIMIT = 4;
/** What systemd had no room for is sent again. */
const RETRY_MS = 1000;

export type ServiceManagerOptions = {
  /** `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are taken out of it, so that no child takes them for its own. */
  readonly env: NodeJS.ProcessEnv;
};

/**
 * Reports to systemd where that asked for it (`Type=notify`). Says STOPPING when the signal aborts.
 * @throws StartError when there is a socket to report to, and no way
 */
export function reportToServiceManager(
  { env }: ServiceManagerOptions,
  { signal }: { signal: AbortSignal },
): ServiceManager {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC: limitUs, WATCHDOG_PID: watched } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (path === undefined || path === '') return NONE;
  const socket = openNotifySocket(path);
  /** State that systemd has to learn, by name; the watchdog's food is no state. */
  const unsent = new Map<string, string>();
  let lastStatus = '';
  let progressDueAtMs = Number.POSITIVE_INFINITY;

  const sendState = () => {
    if (unsent.size === 0) return;
    if (socket.send([...unsent].map(([name, value]) => `${name}=${value}`).join('\n'))) unsent.clear();
    else setTimeout(sendState, RETRY_MS).unref();
  };
  const tell = (name: string, value: string) => {
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
  signal.addEventListener('abort', () => tell('STOPPING', '1'), { once: true });
  return {
    ready: () => tell('READY', '1'),
    status: (text) => {
      if (text === lastStatus) return;
      lastStatus = text;
      tell('STATUS', text.replaceAll(/\s+/g, ' ').trim());
    },
    progress: (withinMs) => {
      progressDueAtMs = performance.now() + withinMs;
    },
  };
}
