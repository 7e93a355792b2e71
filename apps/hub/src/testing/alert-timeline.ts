import {
  type AlertEffect,
  type AlertMemory,
  type AlertRuleInput,
  alertRuleSchema,
  alertStatus,
  type MuteReason,
  parseHostId,
} from '@booner/protocol';
import type { AlertContext } from '../alerts/machine/alert-change.ts';
import { type AlertInput, advance, WELL } from '../alerts/machine/alert-machine.ts';
import { compileRule } from '../alerts/rules/compile-rule.ts';

/** Some time at which tests start, in Unix milliseconds. */
export const START_MS = Date.UTC(2026, 10, 30);

/** A rule on CPU use in percent of one host, with changes. Readings need no window. */
export function cpuRule(changes: Partial<AlertRuleInput> = {}): AlertContext {
  const rule = compileRule(
    alertRuleSchema.parse({
      name: 'cpu',
      selector: '*',
      when: { metric: 'cpuUsageRatio', function: 'last' },
      warn: { on: 0.8, off: 0.7 },
      crit: { on: 0.95, off: 0.9 },
      channels: ['ops'],
      ...changes,
    }),
  );
  return { rule, subject: { host: parseHostId('10.0.0.2')!, device: null } };
}

/** One alert over time, as people see it. */
export function alertTimeline(context: AlertContext = cpuRule()) {
  let memory: AlertMemory = WELL;
  const effects: AlertEffect[] = [];
  const take = (input: AlertInput) => {
    const step = advance(memory, input, context);
    memory = step.memory;
    effects.push(...step.effects);
    return step.effects.map(({ type }) => type).join();
  };
  return {
    effects,
    memory: () => memory,
    status: () => alertStatus(memory),
    /** @returns the types of the effects */
    observe: (second: number, reading: number | null, ...mutes: MuteReason[]) =>
      take({ type: 'observe', atMs: START_MS + second * 1000, reading, mutes }),
    acknowledge: (second: number) =>
      take({
        type: 'acknowledge',
        atMs: START_MS + second * 1000,
        episode: memory.episode?.id ?? '',
        by: 'ann',
      }),
  };
}
