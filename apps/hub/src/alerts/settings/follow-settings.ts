import type { AlertBus } from '@booner/bus';
import { ALERT_SETTINGS, type AlertSettingKind } from '@booner/protocol';
import { Alarm, createFailureLog, type Logger, runLoop } from '@booner/service';
import type { AlertFollower } from '../board/follow-alerts.ts';
import type { AlertSettings } from './alert-settings.ts';

/** Settings are read this often whatever was announced: somebody may edit them by hand. */
const READ_ALL_MS = 60_000;
/** Longest time until this hub knows of a heartbeat that another hub received. */
const LOOK_MS = 3000;

export type FollowSettingsDeps = {
  readonly bus: Pick<AlertBus, 'whenConnected' | 'removeSetting'>;
  readonly settings: AlertSettings;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly log: Logger;
};

/** Reads settings when they change, and removes silences that have ended. */
export class FollowSettings {
  readonly #deps: FollowSettingsDeps;
  readonly #alarm = new Alarm();
  #stale = new Set<AlertSettingKind>(ALERT_SETTINGS);
  #readAllAtMs = 0;

  constructor(deps: FollowSettingsDeps) {
    this.#deps = deps;
  }

  readonly follower: AlertFollower = {
    onEvents: (events) => {
      for (const event of events) if (event.type === 'settings') this.#readSoon([event.kind]);
    },
    onReset: () => this.#readSoon(ALERT_SETTINGS),
    onBus: () => {},
  };

  #readSoon(kinds: readonly AlertSettingKind[]): void {
    for (const kind of kinds) this.#stale.add(kind);
    this.#alarm.ring();
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { bus, log } = this.#deps;
    const failures = createFailureLog(log, {
      failing: 'settings of alerts cannot be read',
      recovered: 'settings of alerts are read again',
    });
    const ready = async () => {
      if (this.#stale.size === 0) await this.#alarm.wait(LOOK_MS, signal);
      return bus.whenConnected(signal);
    };
    await runLoop({ run: () => this.#look(), ready, failures }, { signal });
  }

  async #look(): Promise<void> {
    const { bus, settings, nowMs } = this.#deps;
    if (Math.abs(nowMs() - this.#readAllAtMs) >= READ_ALL_MS) {
      this.#readAllAtMs = nowMs();
      this.#stale = new Set(ALERT_SETTINGS);
    }
    const kinds = [...this.#stale];
    this.#stale.clear();
    try {
      await settings.read(kinds);
    } catch (error) {
      for (const kind of kinds) this.#stale.add(kind);
      throw error;
    }
    if (settings.heartbeats().length > 0) await settings.readBeats();
    for (const id of settings.endedSilences(nowMs())) await bus.removeSetting('silences', id);
  }
}
