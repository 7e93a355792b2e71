import type { AlertRuleInput, ChannelList, ChannelTrial, RuleList, RuleTrial } from '@booner/protocol';
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

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type AlertSettingRequests = {
  /** Reads all rules, and what is wrong with files of rules. */
  listAlertRules(options?: RequestOptions): Promise<RuleList>;
  /** Reads which episodes a rule would have had. A hub without a history answers 409. */
  testAlertRule(test: RuleToTest, options?: RequestOptions): Promise<RuleTrial>;
  /** Reads all channels, without their secrets, and the settings of each type. */
  listAlertChannels(options?: RequestOptions): Promise<ChannelList>;
  /** Sends a message to a channel, now. Operators only. */
  testAlertChannel(name: string, options?: RequestOptions): Promise<ChannelTrial>;
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
  };
}
