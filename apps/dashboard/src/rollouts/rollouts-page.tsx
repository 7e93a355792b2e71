import { type PageTab, TabbedPage, type TabbedPageProps } from '../ui/tabbed-page.tsx';

const TABS: readonly PageTab[] = [
  { to: '/dashboard/rollouts', text: 'Rollouts', isExact: true },
  { to: '/dashboard/schedules', text: 'Schedules' },
  { to: '/dashboard/hooks', text: 'Hooks' },
  { to: '/dashboard/secrets', text: 'Secrets' },
];

/** Frame of the lists of rollouts, of what starts them, and of the secrets that actions receive. */
export const RolloutsPage = (props: Omit<TabbedPageProps, 'label' | 'tabs'>) => (
  <TabbedPage label="Rollouts" tabs={TABS} {...props} />
);
