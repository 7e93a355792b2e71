import { AlertsPage } from '../alerts-page.tsx';
import { SilenceList } from '../silences/silence-list.tsx';
import { HeartbeatList } from './heartbeat-list.tsx';
import { QuietHoursList } from './quiet-hours-list.tsx';

/** When nobody is notified: silences and quiet hours. And jobs that are missed when silent. */
export function QuietView() {
  return (
    <AlertsPage title="Quiet times">
      <div className="flex max-w-5xl flex-col gap-4">
        <SilenceList />
        <QuietHoursList />
        <HeartbeatList />
      </div>
    </AlertsPage>
  );
}
