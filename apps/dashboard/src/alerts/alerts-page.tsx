import { type PageTab, TabbedPage, type TabbedPageProps } from '../ui/tabbed-page.tsx';
import { useAlertNews } from './use-alert-news.ts';

const TABS: readonly PageTab[] = [
  { to: '/dashboard/alerts', text: 'Alerts', isExact: true },
  { to: '/dashboard/alerts/rules', text: 'Rules' },
  { to: '/dashboard/alerts/channels', text: 'Channels' },
  { to: '/dashboard/alerts/quiet', text: 'Quiet times' },
];

/** Frame of the views of alerts. */
export function AlertsPage(props: Omit<TabbedPageProps, 'label' | 'tabs'>) {
  useAlertNews();
  return <TabbedPage label="Alerts" tabs={TABS} {...props} />;
}
