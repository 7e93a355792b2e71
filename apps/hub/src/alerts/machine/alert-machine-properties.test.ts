import type { AlertEffect } from '@booner/protocol';
import { type AlertRuleInput, alertMemorySchema, type MuteReason } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuRule, START_MS } from '../../testing/alert-timeline.ts';
import { collectEffects, EMPTY_GROUP, flushGroup } from '../groups/group-alerts.ts';
import type { AlertContext } from './alert-change.ts';
import { type AlertInput, advance, WELL } from './alert-machine.ts';

type Step =
  | { readonly type: 'observe'; readonly reading: number | null; readonly mutes: readonly MuteReason[] }
  | { readonly type: 'acknowledge' };

const readings = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0.5, 0.72, 0.85, 0.92, 0.99) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const mutes = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.subarray<MuteReason>([
      'host_offline',
      'parent_offline',
      'silence',
      'quiet_hours',
      'hub_blind',
    ]),
  },
);
const observations = fc.record({ type: fc.constant('observe' as const), reading: readings, mutes });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: observations },
  { weight: 1, arbitrary: fc.constant({ type: 'acknowledge' as const }) },
);
/** Inputs with the seconds between them. */
const histories = fc.array(fc.tuple(fc.constantFrom(1, 3, 30, 300, 3600), steps), {
  minLength: 1,
  maxLength: 80,
});
type History = readonly (readonly [seconds: number, step: Step])[];

const waits = fc.constantFrom('0s', '10s', '5m');
const rules = fc
  .record({
    for: waits,
    keepFor: waits,
    noData: fc.constantFrom('keep' as const, 'alert' as const, 'ok' as const),
    repeat: fc.constantFrom(undefined, '1m', '1h'),
    escalate: fc.constantFrom<AlertRuleInput['escalate']>([], [{ after: '5m', channels: ['lead'] }]),
    warn: fc.constantFrom(undefined, { on: 0.8, off: 0.7 }),
  })
  .map(cpuRule);

type Taken = {
  readonly input: AlertInput;
  readonly before: typeof WELL;
  readonly effects: readonly AlertEffect[];
};

/** Runs a history. @param restore passes each memory on, to the next input */
function run(context: AlertContext, history: History, restore = (memory: typeof WELL) => memory) {
  let memory = WELL;
  let atMs = START_MS;
  return history.map(([seconds, step]): Taken => {
    atMs += seconds * 1000;
    const before = restore(memory);
    const input: AlertInput =
      step.type === 'observe'
        ? { ...step, atMs }
        : { ...step, atMs, episode: before.episode?.id ?? '', by: 'ann' };
    const { memory: after, effects } = advance(before, input, context);
    memory = after;
    return { input, before, effects };
  });
}

const property = (check: (context: AlertContext, history: History) => void) =>
  fc.assert(fc.property(rules, histories, check), { numRuns: 2000 });

describe('for any readings, mutes and acknowledgements', () => {
  it('an input has at most one effect', () => {
    property((context, history) => {
      for (const { effects } of run(context, history)) expect(effects.length).toBeLessThan(2);
    });
  });

  it('an episode opens once, and ends before the next one opens', () => {
    property((context, history) => {
      let open: string | null = null;
      const ended = new Set<string>();
      for (const { type, episode } of run(context, history).flatMap(({ effects }) => effects)) {
        expect(ended).not.toContain(episode);
        if (type === 'open') expect(open).toBeNull();
        else if (type === 'resolve') expect(open).toBe(episode);
        else if (type !== 'summary' && type !== 'flapping') expect(open).toBe(episode);
        if (open !== null) expect(open).toBe(episode);
        open = type === 'resolve' ? null : episode;
        if (type === 'resolve') ended.add(episode);
      }
    });
  });

  it('missing data never resolves, unless the rule says that it is well', () => {
    property((context, history) => {
      for (const { input, before, effects } of run(context, history)) {
        if (input.type !== 'observe' || input.reading !== null || context.rule.noData === 'ok') continue;
        // What ended while it was muted is said when the mute ends, with or without data.
        const hadEnded = before.episode !== null && !before.warn?.isRaised && !before.crit?.isRaised;
        if (!hadEnded) expect(effects.map(({ type }) => type)).not.toContain('resolve');
      }
    });
  });

  it('an acknowledged episode is neither repeated nor escalated', () => {
    property((context, history) => {
      for (const { before, effects } of run(context, history)) {
        if (before.episode?.acknowledged == null) continue;
        // Those who were not notified of it yet are, once.
        const repeats = ['reminder', 'escalate', ...(before.episode.notified === null ? [] : ['summary'])];
        for (const { type } of effects) expect(repeats).not.toContain(type);
      }
    });
  });

  it('a mute says nothing, and gives at most one summary afterwards', () => {
    property((context, history) => {
      let summaries = 0;
      for (const { input, effects } of run(context, history)) {
        if (input.type === 'observe' && input.mutes.length > 0) {
          expect(effects).toEqual([]);
          summaries = 0;
        }
        // What flapped and is steady gives a summary of its own.
        if (effects[0]?.type === 'flapping') summaries = 0;
        if (effects[0]?.type === 'summary') summaries += 1;
        expect(summaries).toBeLessThan(2);
      }
    });
  });

  it('the memory survives JSON at any point, with the same effects afterwards', () => {
    property((context, history) => {
      const restored = run(context, history, (memory) =>
        alertMemorySchema.parse(JSON.parse(JSON.stringify(memory))),
      );
      expect(restored.map(({ effects }) => effects)).toEqual(
        run(context, history).map(({ effects }) => effects),
      );
    });
  });

  it('it is well again in the end', () => {
    property((context, history) => {
      const calm = Array.from(
        { length: 30 },
        () => [600, { type: 'observe', reading: 0.5, mutes: [] }] as const,
      );
      expect(run(context, [...history, ...calm, ...calm.slice(0, 1)]).at(-1)!.before).toBe(WELL);
    });
  });
});

it('an app that flaps 402 times in a day sends at most 6 messages', () => {
  // At any times, in bursts or not, but never half an hour apart: that would be steady.
  const gaps = fc.array(fc.integer({ min: 2, max: 1700 }), { minLength: 402, maxLength: 402 });
  const messagesOf = (times: readonly number[]) => {
    const context = cpuRule({ repeat: '4h' });
    const downs = new Set(times);
    let memory = WELL;
    let group = EMPTY_GROUP;
    let messages = 0;
    for (let second = 0; second < 2 * 86_400; second += 1) {
      // Down for a second; the rest of the time, a reading each 10 s is enough.
      if (!downs.has(second) && !downs.has(second - 1) && second % 10 !== 0) continue;
      const atMs = START_MS + second * 1000;
      const reading = downs.has(second) ? 0.99 : 0.5;
      const step = advance(memory, { type: 'observe', atMs, reading, mutes: [] }, context);
      memory = step.memory;
      const flushed = flushGroup(collectEffects(group, step.effects, atMs), 'cpu', atMs, null);
      group = flushed.memory;
      messages += flushed.notifications.length;
    }
    return messages;
  };
  fc.assert(
    fc.property(gaps, (seconds) => {
      // The gaps of a day, stretched or squeezed to a day if that leaves none too long.
      const sum = seconds.reduce((total, gap) => total + gap, 0);
      const scale = Math.min(86_400 / sum, 1700 / Math.max(...seconds));
      let second = 0;
      const times = seconds.map((gap) => {
        second += gap * scale;
        return Math.round(second);
      });
      expect(messagesOf(times)).toBeLessThanOrEqual(6);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
