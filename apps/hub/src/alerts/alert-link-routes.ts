import type { AlertBus } from '@booner/bus';
import { hashSecret } from '@booner/bus/secrets';
import {
  ALERT_LINK_PREFIX,
  type AlertLinkAnswer,
  alertLinkAnswerSchema,
  alertLinkRequestSchema,
  isSecretText,
} from '@booner/protocol';
import type { FailureLimit } from '../access/failure-limit.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { clientAddress } from '../http/client-address.ts';
import { BUS_UNAVAILABLE, jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { type AcknowledgeDeps, acknowledgeEpisode } from './acknowledge-episode.ts';
import { alertIsBusy } from './alert-routes.ts';
import { tooManyGuesses } from './too-many-guesses.ts';
import type { AlertView } from './view/alert-view.ts';

export type AlertLinkRoutesDeps = AcknowledgeDeps & {
  readonly bus: Pick<AlertBus, 'takeAlertLink' | 'putAlertLink'>;
  readonly view: Pick<AlertView, 'open'>;
  /** Of invalid links. */
  readonly limit: FailureLimit;
};

/** Who acknowledged an alert by a link. */
const BY_LINK = 'link';
/** A link that could not be used for a reason of the hub can be used this long again. */
const AGAIN_MS = 3_600_000;

const acknowledgeRoute = route({
  method: 'post',
  path: '/alert-links/acknowledge',
  access: { role: null, verb: 'alert.acknowledge' },
  summary: 'Acknowledge alerts by the link in a message',
  description:
    'The link is the credential, and works once. Acknowledges those of its alerts that have not ended.',
  tag: 'alerts',
  request: { body: alertLinkRequestSchema.extend({}).openapi('AlertLinkRequest') },
  responses: {
    200: jsonAnswer('What was acknowledged', alertLinkAnswerSchema.extend({}).openapi('AlertLinkAnswer')),
  },
  errors: {
    410: 'The link was used already, or has expired',
    429: 'Your address sent too many invalid links. Retry after the seconds in `Retry-After`.',
    ...BUS_UNAVAILABLE,
  },
});

/** Acknowledgements by people who are not signed in, with a link that they were sent. */
export const alertLinkRoutes = (deps: AlertLinkRoutesDeps): Routes => [
  serve(acknowledgeRoute, async (c, { body: { secret } }) => {
    const { bus, board, view, limit } = deps;
    board.requireLoaded();
    const hash = hashSecret(secret);
    const episodes = isSecretText(secret, ALERT_LINK_PREFIX) ? await bus.takeAlertLink(hash) : null;
    if (episodes === null) {
      noteForAudit(c, { detail: 'an invalid link' });
      const waitMs = await limit.count(clientAddress(c), hash);
      if (waitMs !== null) return tooManyGuesses(c, waitMs);
      const detail = 'This link was used already, or has expired. Sign in to acknowledge the alert.';
      return problem(c, 410, 'Link not valid', detail);
    }
    const acknowledging = episodes.map((episode) => acknowledgeEpisode(deps, { episode, by: BY_LINK }));
    const settled = await Promise.allSettled(acknowledging);
    const failure = settled.find((one) => one.status === 'rejected');
    const outcomes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (failure !== undefined || outcomes.some(({ type }) => type === 'busy')) {
      noteForAudit(c, { detail: 'a link that could not be used' });
      await bus.putAlertLink(hash, episodes, AGAIN_MS);
      if (failure !== undefined) throw failure.reason;
      return alertIsBusy(c);
    }
    const alerts = outcomes.flatMap((outcome) => {
      if (outcome.type !== 'acknowledged') return [];
      const { title, host } = view.open(outcome.alert);
      return [`${title} on ${host}`];
    });
    noteForAudit(c, { detail: `with a link: ${alerts.join(', ') || 'all have ended'}` });
    const answer: AlertLinkAnswer = { acknowledged: alerts.length, alerts, detail: sentence(alerts) };
    return c.json(answer, 200);
  }),
];

function sentence(alerts: readonly string[]): string {
  if (alerts.length === 0) return 'Nothing is left to acknowledge: all alerts of this link have ended.';
  return alerts.length === 1
    ? `The alert is acknowledged: ${alerts[0]}.`
    : `${alerts.length} alerts are acknowledged. There are no further reminders of them.`;
}
