import { Panel, type PanelProps } from '../ui/panel.tsx';

/** A panel whose list reaches from edge to edge. */
export const ListPanel = (props: Required<Pick<PanelProps, 'title'>> & Omit<PanelProps, 'className'>) => (
  <Panel {...props} className="px-0! pb-0! [&>div:first-child]:px-4" />
);
