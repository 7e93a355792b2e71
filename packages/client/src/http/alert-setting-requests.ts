import type {
  AlertRuleInput,
  ChannelList,
  ChannelTrial,
  Heartbeat,
  HeartbeatList,
  ListedChannel,
  ListedRule,
  QuietHours,
  QuietHoursList,
  RuleList,
  RuleTrial,
  SavedHeartbeat,
} from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

/** A month of history of every host is read from the hub's disk. */
const RULE_TEST_TIMEOUT_MS = 60_000;
/** The other side may be slow, and takes several messages. */
const CHANNEL_TEST_TIMEOUT_MS = 60_000;

export type RuleToTest = {
  /** A rule as in a file. */
  readonly rule: Partial<AlertRuleInput>;
  /** Time until now, such as `24h`; at most 30 days. Default: `24h`. */
  readonly range?: string | undefined;
  /** Only this host. Absent: every target that the rule selects. */
  readonly host?: string | undefined;
};

/** A rule without its name. The hub checks it, and names the fields that are invalid. */
export type RuleToSave = Omit<AlertRuleInput, 'name'>;

/** The settings of a channel of a type, as `listAlertChannels` describes them. */
export type ChannelToSave = {
  readonly type: string;
  /** Rules that name no channels notify it. Default: true for a new channel. */
  readonly default?: boolean | undefined;
  /** Secrets that are left out keep their value; `null` removes one. */
  readonly [setting: string]: unknown;
};

export type HeartbeatToSave = Pick<Heartbeat, 'every'> & {
  /** Target that the job runs on. */
  readonly host: string;
};

/** A browser's subscription to push messages, as `PushSubscription.toJSON()` has it. */
export type BrowserSubscription = {
  readonly endpoint?: string | undefined;
  readonly keys?: Readonly<Record<string, string>> | undefined;
};

/**
 * Each rejects with `BoonerError`, or with the signal's reason. Changing settings requires the role
 * admin.
 */
export type AlertSettingRequests = {
  /** Reads all rules, and what is wrong with files of rules. */
  listAlertRules(options?: RequestOptions): Promise<RuleList>;
  /** Reads which episodes a rule would have had. A hub without a history answers 409. */
  testAlertRule(test: RuleToTest, options?: RequestOptions): Promise<RuleTrial>;
  /** Creates a rule, or replaces it. `conflict` if it is in a file. */
  saveAlertRule(name: string, rule: RuleToSave, options?: RequestOptions): Promise<ListedRule>;
  /** Removes a rule. A rule of Booner that it replaced applies again. */
  removeAlertRule(name: string, options?: RequestOptions): Promise<void>;
  /** Reads all channels, without their secrets, and the settings of each type. */
  listAlertChannels(options?: RequestOptions): Promise<ChannelList>;
  /** Creates a channel, or changes it. */
  saveAlertChannel(name: string, channel: ChannelToSave, options?: RequestOptions): Promise<ListedChannel>;
  /** Removes a channel. What waits for it is not delivered. */
  removeAlertChannel(name: string, options?: RequestOptions): Promise<void>;
  /** Sends a message to a channel, now. Operators only. */
  testAlertChannel(name: string, options?: RequestOptions): Promise<ChannelTrial>;
  /** Lets a channel of the type `web-push` notify a browser. Operators only. */
  subscribeBrowser(name: string, browser: BrowserSubscription, options?: RequestOptions): Promise<void>;
  /** Ends the subscription of a browser. Operators only. */
  unsubscribeBrowser(name: string, endpoint: string, options?: RequestOptions): Promise<void>;
  listQuietHours(options?: RequestOptions): Promise<QuietHoursList['quietHours']>;
  /** Creates quiet hours, or replaces them. */
  saveQuietHours(name: string, quietHours: QuietHours, options?: RequestOptions): Promise<void>;
  removeQuietHours(name: string, options?: RequestOptions): Promise<void>;
  listHeartbeats(options?: RequestOptions): Promise<readonly Heartbeat[]>;
  /** Creates a heartbeat, or changes it. Only the answer to a new one has its URL. */
  saveHeartbeat(name: string, heartbeat: HeartbeatToSave, options?: RequestOptions): Promise<SavedHeartbeat>;
  removeHeartbeat(name: string, options?: RequestOptions): Promise<void>;
};

export function createAlertSettingRequests(rest: Rest): AlertSettingRequests {
  return {
    async listAlertRules({ signal } = {}) {
      const list = (await rest({ path: 'alert-rules', signal })) as RuleList | null;
      if (!Array.isArray(list?.rules)) throw badAnswer();
      return list;
    },
    async testAlertRule(body, { signal } = {}) {
      const trial = (await rest({
        method: 'POST',
        path: 'alert-rules/test',
        body,
        timeoutMs: RULE_TEST_TIMEOUT_MS,
        signal,
      })) as RuleTrial | null;
      if (!Array.isArray(trial?.episodes)) throw badAnswer();
      return trial;
    },
    async listAlertChannels({ signal } = {}) {
      const list = (await rest({ path: 'alert-channels', signal })) as ChannelList | null;
      if (!Array.isArray(list?.channels)) throw badAnswer();
      return list;
    },
    async testAlertChannel(name, { signal } = {}) {
      const path = `alert-channels/${encodeURIComponent(name)}/test`;
      const timeoutMs = CHANNEL_TEST_TIMEOUT_MS;
      const trial = (await rest({ method: 'POST', path, timeoutMs, signal })) as ChannelTrial | null;
      if (!Array.isArray(trial?.outcomes)) throw badAnswer();
      return trial;
    },
    async saveAlertRule(name, rule, { signal } = {}) {
      const path = named('alert-rules', name);
      const saved = (await rest({ method: 'PUT', path, body: rule, signal })) as ListedRule | null;
      if (typeof saved?.rule?.name !== 'string') throw badAnswer();
      return saved;
    },
    async removeAlertRule(name, { signal } = {}) {
      await rest({ method: 'DELETE', path: named('alert-rules', name), signal });
    },
    async saveAlertChannel(name, channel, { signal } = {}) {
      const path = named('alert-channels', name);
      const saved = (await rest({ method: 'PUT', path, body: channel, signal })) as ListedChannel | null;
      if (typeof saved?.name !== 'string') throw badAnswer();
      return saved;
    },
    async removeAlertChannel(name, { signal } = {}) {
      await rest({ method: 'DELETE', path: named('alert-channels', name), signal });
    },
    async subscribeBrowser(name, { endpoint, keys }, { signal } = {}) {
      const path = `${named('alert-channels', name)}/subscriptions`;
      await rest({ method: 'POST', path, body: { endpoint, keys }, signal });
    },
    async unsubscribeBrowser(name, endpoint, { signal } = {}) {
      const path = `${named('alert-channels', name)}/subscriptions`;
      await rest({ method: 'DELETE', path, body: { endpoint }, signal });
    },
    async listQuietHours({ signal } = {}) {
      const { quietHours } = ((await rest({ path: 'quiet-hours', signal })) ?? {}) as Partial<QuietHoursList>;
      if (!Array.isArray(quietHours)) throw badAnswer();
      return quietHours;
    },
    async saveQuietHours(name, quietHours, { signal } = {}) {
      await rest({ method: 'PUT', path: named('quiet-hours', name), body: quietHours, signal });
    },
    async removeQuietHours(name, { signal } = {}) {
      await rest({ method: 'DELETE', path: named('quiet-hours', name), signal });
    },
    async listHeartbeats({ signal } = {}) {
      const { heartbeats } = ((await rest({ path: 'heartbeats', signal })) ?? {}) as Partial<HeartbeatList>;
      if (!Array.isArray(heartbeats)) throw badAnswer();
      return heartbeats;
    },
    async saveHeartbeat(name, heartbeat, { signal } = {}) {
      const path = named('heartbeats', name);
      const saved = (await rest({ method: 'PUT', path, body: heartbeat, signal })) as SavedHeartbeat | null;
      if (saved?.url === undefined) throw badAnswer();
      return saved;
    },
    async removeHeartbeat(name, { signal } = {}) {
      await rest({ method: 'DELETE', path: named('heartbeats', name), signal });
    },
  };
}

const named = (path: string, name: string): string => `${path}/${encodeURIComponent(name)}`;
