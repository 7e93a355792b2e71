import type { History } from '@booner/history';
import type { AlertFollower } from './board/follow-alerts.ts';
import type { AlertView } from './view/alert-view.ts';

/** Adds each episode that has ended to the charts of its host. */
export const annotateEpisodes = (
  store: Pick<History, 'annotate'> | null,
  view: Pick<AlertView, 'ended'>,
): AlertFollower => ({
  onEvents(events) {
    if (store === null) return;
    for (const event of events) {
      if (event.type !== 'alerts') continue;
      for (const { ended } of event.changes) {
        if (ended === null || ended.host === null) continue;
        const { host, severity, startedAtMs: atMs, endedAtMs: untilMs } = ended;
        const text = `${severity}: ${view.ended(ended).title}`;
        store.annotate(host, { atMs, untilMs, kind: 'alert', text, taskId: null });
      }
    }
  },
  onReset: () => {},
  onBus: () => {},
});
