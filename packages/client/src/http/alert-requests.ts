import type { Alert, AlertPage, Delivery, DeliveryList, Silence, SilenceList } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type AlertFilters = {
  /** `firing`: every alert that has not ended. `resolved`: those that have, newest first. */
  readonly status: 'firing' | 'resolved';
  /** Alerts of targets that match. The empty selector matches none. Absent: all targets. */
  readonly selector?: string | undefined;
  /** Name of a rule. */
  readonly rule?: string | undefined;
  readonly host?: string | undefined;
};

export type ListAlertsOptions = RequestOptions &
  AlertFilters & {
    /** Of resolved ones: the highest number in one answer. */
    readonly limit?: number | undefined;
    /** `next` of the previous page. */
    readonly before?: string | undefined;
  };

export type SilenceToCreate = {
  /** Targets to mute. The empty selector mutes none. */
  readonly selector: string;
  /** Name of a rule. Absent: all rules. */
  readonly rule?: string | undefined;
  /** End, in Unix milliseconds by the hub's clock. */
  readonly untilMs: number;
  readonly reason: string;
};

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type AlertRequests = {
  listAlerts(options: ListAlertsOptions): Promise<AlertPage>;
  /** Acknowledges an alert, which ends its reminders and escalations. Operators only. */
  acknowledgeAlert(id: string, options?: RequestOptions): Promise<Alert>;
  listSilences(options?: RequestOptions): Promise<readonly Silence[]>;
  /** Mutes alerts until a time. Operators only. */
  createSilence(silence: SilenceToCreate, options?: RequestOptions): Promise<Silence>;
  /** Ends a silence. Operators only. */
  removeSilence(id: string, options?: RequestOptions): Promise<void>;
  /**
   * Reads the notifications that have not been delivered: those that wait, then the dead ones.
   * `limit`: 1 to 1000; default 200.
   */
  listDeliveries(
    options?: RequestOptions & { readonly limit?: number | undefined },
  ): Promise<readonly Delivery[]>;
  /** Sends a notification again, now. Admins only. */
  retryDelivery(id: string, options?: RequestOptions): Promise<void>;
  /** Gives up a notification. Admins only. */
  discardDelivery(id: string, options?: RequestOptions): Promise<void>;
  /**
   * Acknowledges the alerts of a link in a message, which works once and needs no sign-in. Rejects
   * with status 410 if it was used or has expired.
   * @param secret the part of the link after `#`
   */
  acknowledgeByLink(secret: string, options?: RequestOptions): Promise<AlertLinkOutcome>;
};

export type AlertLinkOutcome = {
  /** Number of alerts that were acknowledged; 0: all of them have ended. */
  readonly acknowledged: number;
  /** What happened, as a sentence. */
  readonly detail: string;
};

export function createAlertRequests(rest: Rest): AlertRequests {
  return {
    async listAlerts({ signal, ...query }) {
      const page = (await rest({ path: 'alerts', query, signal })) as AlertPage | null;
      if (!Array.isArray(page?.alerts)) throw badAnswer();
      return page;
    },
    async acknowledgeAlert(id, { signal } = {}) {
      const path = `alerts/${encodeURIComponent(id)}/ack`;
      const alert = (await rest({ method: 'POST', path, signal })) as Alert | null;
      if (typeof alert?.id !== 'string') throw badAnswer();
      return alert;
    },
    async listSilences({ signal } = {}) {
      const { silences } = ((await rest({ path: 'silences', signal })) ?? {}) as Partial<SilenceList>;
      if (!Array.isArray(silences)) throw badAnswer();
      return silences;
    },
    async createSilence({ untilMs, ...silence }, { signal } = {}) {
      const body = { ...silence, until: new Date(untilMs).toISOString() };
      const created = (await rest({ method: 'POST', path: 'silences', body, signal })) as Silence | null;
      if (typeof created?.id !== 'string') throw badAnswer();
      return created;
    },
    async removeSilence(id, { signal } = {}) {
      await rest({ method: 'DELETE', path: `silences/${encodeURIComponent(id)}`, signal });
    },
    async listDeliveries({ signal, ...query } = {}) {
      const { deliveries } = ((await rest({ path: 'alert-deliveries', query, signal })) ??
        {}) as Partial<DeliveryList>;
      if (!Array.isArray(deliveries)) throw badAnswer();
      return deliveries;
    },
    async retryDelivery(id, { signal } = {}) {
      await rest({ method: 'POST', path: `alert-deliveries/${encodeURIComponent(id)}/retry`, signal });
    },
    async discardDelivery(id, { signal } = {}) {
      await rest({ method: 'DELETE', path: `alert-deliveries/${encodeURIComponent(id)}`, signal });
    },
    async acknowledgeByLink(secret, { signal } = {}) {
      const path = 'alert-links/acknowledge';
      const outcome = (await rest({
        method: 'POST',
        path,
        body: { secret },
        signal,
      })) as AlertLinkOutcome | null;
      if (typeof outcome?.detail !== 'string') throw badAnswer();
      return outcome;
    },
  };
}
