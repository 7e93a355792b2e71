import type { Retention } from '@booner/history';
import {
  type AlertRule,
  MAX_TRIED_EPISODES,
  parseDuration,
  ruleTrialRequestSchema,
  ruleTrialSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { lastingCredentialId, principalOf } from '../../access/principal.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { hostSchema, noSuchTarget } from '../../fleet/host-path.ts';
import type { ReadableOf } from '../../fleet/read-scopes.ts';
import { HISTORY_ERRORS, historyIsOff, unlessUnreadable } from '../../history/history-answers.ts';
import type { HistoryReader } from '../../history/history-reader.ts';
import { invalidRequest } from '../../http/json-body.ts';
import { jsonAnswer } from '../../http/openapi.ts';
import { problem } from '../../http/problem.ts';
import { type Routes, route, serve } from '../../http/route.ts';
import { compileRule } from '../rules/compile-rule.ts';
import { runTrial } from './run-trial.ts';

export type TrialRoutesDeps = {
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly readableOf: ReadableOf;
  /** `null`: this hub keeps no history. */
  readonly reader: Pick<HistoryReader, 'query'> | null;
  /** How long each resolution of the history is kept. */
  readonly retention: Retention;
  readonly nowMs: () => number;
};

/** Trials that run at a time. Each has a thread. */
const MAX_TRIALS = 4;
const RETRY_AFTER_SECONDS = '5';
/** Name of a rule that has none yet. */
const UNNAMED = 'trial';
/** States that the history records. */
const RECORDED_STATES = ['offline', 'task_failed'];

const trialBody = ruleTrialRequestSchema
  .extend({ host: hostSchema.optional() })
  .openapi('AlertRuleTrialRequest');
const { episodes } = ruleTrialSchema.shape;
const resultBody = ruleTrialSchema
  .extend({ episodes: z.array(episodes.element.extend({ host: hostSchema })).max(MAX_TRIED_EPISODES) })
  .openapi('AlertRuleTrial');

const trialRoute = route({
  method: 'post',
  path: '/alert-rules/test',
  access: { role: 'operator' },
  summary: 'Try an alert rule on the history',
  description:
    'Returns the episodes that a rule would have had, and changes nothing. The rule need not be saved. It is tried at the finest resolution that reaches back, on up to 50 of the targets that it selects; `tried` says on how many. Silences, quiet hours and `dependsOn` are ignored. Of states, the history has `offline` and `task_failed`.',
  tag: 'alerts',
  request: { body: trialBody },
  responses: { 200: jsonAnswer('What the rule would have done', resultBody) },
  errors: {
    404: 'No such target',
    409: HISTORY_ERRORS[409],
    429: 'Your token tries a rule already, or your address sent too many invalid credentials.',
    503: `${HISTORY_ERRORS[503]} Or: other trials run.`,
  },
});

/** `POST /alert-rules/test`. */
export function trialRoutes({ fleet, readableOf, reader, retention, nowMs }: TrialRoutesDeps): Routes {
  /** Credentials that try a rule now; `null`: clients that are not signed in. */
  const running = new Set<string | null>();

  /** Answers with 429 or 503 if no trial may start; `null`: it may. */
  function unlessFree(c: Context, credential: string | null): Response | null {
    const isOwn = running.has(credential);
    if (!isOwn && running.size < MAX_TRIALS) return null;
    c.header('retry-after', RETRY_AFTER_SECONDS);
    return isOwn
      ? problem(c, 429, 'A trial is running', 'You try a rule already. Wait for its answer, or cancel it.')
      : problem(c, 503, 'Trials are running', 'Others try rules now. Try again in a few seconds.');
  }

  return [
    serve(trialRoute, async (c, { body }) => {
      const { host, range } = body;
      const rule: AlertRule = { ...body.rule, name: body.rule.name ?? UNNAMED };
      const { state } = rule.when;
      if (state !== undefined && !RECORDED_STATES.includes(state)) {
        const detail = `must be ${RECORDED_STATES.join(' or ')} in a trial: the history has no ${state}`;
        return invalidRequest(c, 400, 'Invalid request body', [{ pointer: '/rule/when/state', detail }]);
      }
      const known = fleet.requireLoaded();
      const readable = readableOf(c);
      if (host !== undefined && (known.get(host) === null || !readable.has(host)))
        return noSuchTarget(c, host);
      if (reader === null) return historyIsOff(c);
      const { selector } = compileRule(rule);
      const hosts = known
        .entries()
        .filter((entry) => selector.matches(entry.subject))
        .map((entry) => entry.host)
        .filter((id) => (host === undefined || id === host) && readable.has(id));
      const credential = lastingCredentialId(principalOf(c));
      const busy = unlessFree(c, credential);
      if (busy !== null) return busy;
      running.add(credential);
      const { signal } = c.req.raw;
      const toMs = nowMs();
      const fromMs = toMs - (parseDuration(range) ?? 0);
      try {
        const trial = runTrial({ rule, hosts, fromMs, toMs, reader, retention }, { signal });
        const result = await unlessUnreadable(c, trial);
        return result instanceof Response ? result : c.json(result, 200);
      } catch (error) {
        if (!signal.aborted) throw error;
        return problem(c, 503, 'Cancelled', 'The client went away.');
      } finally {
        running.delete(credential);
      }
    }),
  ];
}
