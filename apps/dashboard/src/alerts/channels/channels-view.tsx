import type { ChannelList, ListedChannel } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, TriangleAlert } from 'lucide-react';
import { lazy, useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { formatCount } from '../../format/numbers.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LazyPart } from '../../ui/lazy-part.tsx';
import { channelsQuery } from '../alert-queries.ts';
import { AlertsPage } from '../alerts-page.tsx';
import { ListPanel } from '../list-panel.tsx';
import { Loaded } from '../loaded.tsx';
import { BrowserPush } from './browser-push.tsx';
import { Deliveries } from './deliveries.tsx';
import { TestChannel } from './test-channel.tsx';

const ChannelDialog = lazy(async () => ({
  default: (await import('./channel-dialog.tsx')).ChannelDialog,
}));

const route = getRouteApi('/dashboard/alerts/channels');

/** Lists the notification channels and the notifications that could not be delivered. */
export function ChannelsView() {
  const client = useBoonerClient();
  const channels = useQuery(channelsQuery(client));
  const { channel: edited } = route.useSearch();
  const navigate = route.useNavigate();
  const [isAdding, setAdding] = useState(false);
  const mayEdit = useAccess().may('admin');
  const shown = channels.data?.channels.find(({ name }) => name === edited) ?? null;
  const close = () => {
    setAdding(false);
    void navigate({ search: {}, replace: true, resetScroll: false });
  };
  return (
    <AlertsPage
      title="Channels"
      counts={channels.data && <Counts list={channels.data} />}
      commands={
        mayEdit && (
          <Button variant="primary" onClick={() => setAdding(true)}>
            <Plus size={16} aria-hidden="true" />
            Add channel
          </Button>
        )
      }
    >
      <Loaded query={channels} what="the channels">
        {(list) => (
          <>
            <Channels list={list} onAdd={mayEdit ? () => setAdding(true) : null} />
            {mayEdit && (isAdding || shown !== null) && (
              <LazyPart>
                <ChannelDialog list={list} channel={isAdding ? null : shown} onClose={close} />
              </LazyPart>
            )}
          </>
        )}
      </Loaded>
      <Deliveries />
    </AlertsPage>
  );
}

function Counts({ list: { channels } }: { readonly list: ChannelList }) {
  const broken = channels.filter(({ issue }) => issue !== null).length;
  return (
    <p className="sm:text-lg">
      {formatCount(channels.length)} {channels.length === 1 ? 'channel' : 'channels'}
      {broken > 0 && <span className="font-semibold text-bad"> · {formatCount(broken)} cannot be used</span>}
    </p>
  );
}

type ChannelsProps = {
  readonly list: ChannelList;
  /** `null`: not allowed. */
  readonly onAdd: (() => void) | null;
};

function Channels({ list, onAdd }: ChannelsProps) {
  const titles = new Map(list.types.map(({ type, title }) => [type, title]));
  return (
    <ListPanel title="All channels">
      {list.channels.length === 0 ? (
        <div className="border-t border-line">
          <EmptyState title="Nobody is notified">
            <p className="mb-4">
              Alerts are shown here, but sent nowhere. Add a channel, such as e-mail, ntfy, Slack or this
              browser.
            </p>
            {onAdd !== null && (
              <Button variant="primary" onClick={onAdd}>
                Add channel
              </Button>
            )}
          </EmptyState>
        </div>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {list.channels.map((channel) => (
            <ChannelRow
              key={channel.name}
              channel={channel}
              title={titles.get(channel.type) ?? channel.type}
            />
          ))}
        </ul>
      )}
    </ListPanel>
  );
}

function ChannelRow({ channel, title }: { readonly channel: ListedChannel; readonly title: string }) {
  const { name, type, isDefault, issue } = channel;
  const client = useBoonerClient();
  const { may } = useAccess();
  const queries = useQueryClient();
  const remove = async () => {
    await client.removeAlertChannel(name);
    await queries.invalidateQueries({ queryKey: ['alerts', 'channels'] });
  };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{name}</span>
          <span>{title}</span>
        </p>
        <p className="text-sm text-muted">
          {isDefault ? 'Default: rules that name no channels notify it' : 'Only rules that name it notify it'}
        </p>
        {issue !== null && (
          <p className="text-sm break-words text-bad">
            <TriangleAlert size={14} aria-hidden="true" className="mr-1 inline-block align-[-2px]" />
            Cannot be used: {issue}
          </p>
        )}
        {type === 'web-push' && <BrowserPush channel={channel} />}
      </div>
      {may('operator') && (
        <div className="flex flex-wrap gap-2">
          <TestChannel name={name} />
          {may('admin') && (
            <>
              <Link
                to="/dashboard/alerts/channels"
                search={{ channel: name }}
                replace
                resetScroll={false}
                aria-label={`Edit ${name}`}
                className={buttonClass()}
              >
                Edit
              </Link>
              <ConfirmButton
                label={`Delete ${name}`}
                question={`Delete the channel ${name}?`}
                whatHappens="Rules that name it no longer notify it. What waits for it is not delivered."
                verb="Delete"
                onConfirm={remove}
              >
                Delete
              </ConfirmButton>
            </>
          )}
        </div>
      )}
    </li>
  );
}
