import {
  type Alert,
  alertStatus,
  type EndedEpisode,
  type ListedRule,
  type StoredAlert,
} from '@booner/protocol';
import type { OpenAlert } from '../board/alert-board.ts';
import { type CompiledRule, compileRule } from '../rules/compile-rule.ts';
import { readingText, subjectTitle, thresholdText } from './alert-texts.ts';

/** Shows alerts in words, by the rules as they are now. */
export class AlertView {
  readonly #find: (name: string) => ListedRule | null;
  readonly #compiled = new WeakMap<ListedRule, CompiledRule>();

  /** @param find returns the rule of a name */
  constructor(find: (name: string) => ListedRule | null) {
    this.#find = find;
  }

  /** Returns the compiled rule of a name; `null`: it was removed. */
  ruleOf(name: string): CompiledRule | null {
    const listed = this.#find(name);
    if (listed === null) return null;
    const compiled = this.#compiled.get(listed) ?? compileRule(listed.rule);
    this.#compiled.set(listed, compiled);
    return compiled;
  }

  open({ rule, host, device, memory, reading }: OpenAlert): Alert {
    const { episode } = memory;
    const status = alertStatus(memory);
    return {
      ...{ id: episode.id, rule, host, device, severity: episode.severity },
      status: status === 'ok' || status === 'pending' ? 'recovering' : status,
      startedAtMs: episode.startedAtMs,
      endedAtMs: null,
      ...this.#words({ rule, device, reading }, episode.severity),
      acknowledged: episode.acknowledged,
      mutes: [...memory.mutes],
      notifiedAtMs: episode.firstNotifiedAtMs,
    };
  }

  ended({ notifiedAtMs, acknowledged, ...episode }: EndedEpisode): Alert {
    const { rule, device, severity } = episode;
    return {
      ...episode,
      status: 'resolved',
      ...this.#words({ rule, device, reading: null }, severity),
      valueText: '',
      acknowledged,
      mutes: [],
      notifiedAtMs,
    };
  }

  #words({ rule: name, device, reading }: Words, severity: Alert['severity']) {
    const rule = this.ruleOf(name);
    if (rule === null) return { title: name, valueText: 'unknown', threshold: null, runbook: null };
    return {
      title: subjectTitle(rule, { device }),
      valueText: readingText(rule, reading),
      threshold: thresholdText(rule, severity),
      runbook: rule.runbook,
    };
  }
}

type Words = Pick<StoredAlert, 'rule' | 'device' | 'reading'>;
