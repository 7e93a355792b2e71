import { readingText } from './alert-words.ts';
import { SeverityWord } from './severity-word.tsx';
import { useHostAlerts } from './use-open-alerts.ts';

export type HostAlertLinkProps = {
  readonly host: string;
  /** Tab reaches it. In a list, only the links to the rows are reached by keys. */
  readonly isTabStop?: boolean;
};

/** The worst alert of a host, as a link to its alerts. Empty without any that is not muted. */
export function HostAlertLink({ host, isTabStop = false }: HostAlertLinkProps) {
  const alerts = useHostAlerts(host);
  if (alerts === null) return null;
  const { worst, count } = alerts;
  const isQuiet = worst.acknowledged !== null;
  const more = count > 1 ? `, and ${count - 1} more` : '';
  return (
    <a
      href={`/dashboard/alerts?host=${encodeURIComponent(host)}`}
      data-alert-link
      tabIndex={isTabStop ? undefined : -1}
      title={`${[worst.title, readingText(worst)].filter(Boolean).join(': ')}${isQuiet ? ', acknowledged' : ''}${more}`}
      className="shrink-0 text-sm hover:underline"
    >
      <SeverityWord severity={worst.severity} isQuiet={isQuiet} />
      <span className="sr-only">: {worst.title}</span>
      {count > 1 && <span className={isQuiet ? 'text-muted' : ''}> +{count - 1}</span>}
    </a>
  );
}
