import { BoonerError } from '@booner/client';
import type { HookDelivery, ShownHook } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '../../alerts/loaded.tsx';
import { formatDateTime } from '../../format/times.ts';
import { asSentence } from '../../live/connection-words.ts';
import { creatorName } from '../../tasks/creator-name.ts';
import { paramsText } from '../../tasks/params-text.ts';
import { EditLink } from '../../triggers/edit-link.tsx';
import { OnTargets } from '../../triggers/on-targets.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { HookCommands } from '../hook-commands.tsx';
import { hookQuery } from '../hook-queries.ts';
import { conditionTexts, DeliveryWord, detailOf, HookStatusWord, whyNothing } from '../hook-words.tsx';
import { RotateButton } from './rotate-button.tsx';

const route = getRouteApi('/dashboard/hooks/$name');

/** One hook: what it starts, how it is reached, and what became of its last deliveries. */
export function HookView() {
  const { name } = route.useParams();
  useTitle(`Hook ${name}`);
  const query = useQuery(hookQuery(useBoonerClient(), name));
  if (query.error instanceof BoonerError && query.error.code === 'not_found') {
    return (
      <EmptyState title="Hook not found" isPage>
        <p className="mb-4">It never existed, or somebody has removed it.</p>
        <Link to="/dashboard/hooks" className={buttonClass('primary')}>
          Go to hooks
        </Link>
      </EmptyState>
    );
  }
  return (
    <Loaded query={query} what="the hook">
      {(hook) => <ShowHook hook={hook} />}
    </Loaded>
  );
}

function ShowHook({ hook: shown }: { readonly hook: ShownHook }) {
  const { name, hook, createdBy, changedAtMs } = shown;
  const params = paramsText(hook.params);
  const why = whyNothing(shown);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
          <h1 className="min-w-0 text-xl font-semibold wrap-anywhere outline-none">{name}</h1>
          <span className="live-value text-lg" role="status">
            <HookStatusWord hook={shown} />
          </span>
        </div>
        <HookCommands hook={shown}>
          {({ mayChange, isDenied }) => (
            <>
              {mayChange && <EditLink to="/dashboard/hooks/$name/edit" name={name} />}
              <RotateButton name={name} disabled={isDenied} />
            </>
          )}
        </HookCommands>
      </div>
      <Panel>
        <p className="text-lg wrap-anywhere">
          {hook.action} {params !== '' && <span className="font-mono text-sm">{params}</span>}{' '}
          <span className="text-muted">
            <OnTargets trigger={hook} />
          </span>
        </p>
        {why !== null && <p className="mt-2 wrap-anywhere text-warn">{asSentence(why)}</p>}
        <p className="mt-2 flex flex-wrap gap-x-4 text-sm text-muted">
          <span>Batches {hook.batches.join(', ')}</span>
          <span>Failures allowed {hook.maxFailures}</span>
          <span>
            Set <TimeAgo atMs={changedAtMs} />
            {createdBy !== null && ` by ${creatorName(createdBy)}`}
          </span>
        </p>
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        {/* In a narrow window below the deliveries, which change. */}
        <div className="flex flex-col gap-4 max-lg:order-last">
          <Sender hook={shown} />
          <Payload hook={shown} />
        </div>
        <Deliveries deliveries={shown.deliveries} />
      </div>
    </div>
  );
}

/** The name of a header, in one line. */
const Header = ({ name }: { readonly name: string }) => (
  <code className="font-mono text-sm whitespace-nowrap">{name}</code>
);

function Sender({ hook: { hook, keyAtMs } }: { readonly hook: ShownHook }) {
  return (
    <Panel title="Sender">
      <dl className="flex flex-col gap-3">
        <div>
          <dt className="text-sm text-muted">URL</dt>
          <dd>
            <code className="font-mono text-sm wrap-anywhere">/hooks/bnk_…</code> of this hub
          </dd>
        </div>
        <div>
          <dt className="text-sm text-muted">Key of the URL, and secret</dt>
          <dd>
            Made <TimeAgo atMs={keyAtMs} />. Nothing shows them again: if they are lost, rotate the key.
          </dd>
        </div>
        <div>
          <dt className="text-sm text-muted">Authentication</dt>
          <dd>
            Each delivery is signed with the secret, in <Header name="X-Hub-Signature-256" /> or{' '}
            <Header name="webhook-signature" />
            {hook.auth === 'token' && (
              <>
                , or has the secret itself in <Header name="X-Gitlab-Token" />
              </>
            )}
            .
          </dd>
        </div>
      </dl>
    </Panel>
  );
}

function Payload({ hook: { hook } }: { readonly hook: ShownHook }) {
  const fields = Object.entries(hook.fields);
  const conditions = conditionTexts(hook);
  return (
    <Panel title="Payload">
      <dl className="flex flex-col gap-3">
        <div>
          <dt className="text-sm text-muted">Parameters from it</dt>
          {fields.length === 0 && <dd>none</dd>}
          {fields.map(([name, place]) => (
            <dd key={name} className="font-mono text-sm wrap-anywhere">
              {name} <span className="text-muted">from</span> {place}
            </dd>
          ))}
        </div>
        <div>
          <dt className="text-sm text-muted">Starts something if</dt>
          {conditions.length === 0 && <dd>it is authentic</dd>}
          {conditions.map((text) => (
            <dd key={text} className="font-mono text-sm wrap-anywhere">
              {text}
            </dd>
          ))}
        </div>
      </dl>
    </Panel>
  );
}

function Deliveries({ deliveries }: Pick<ShownHook, 'deliveries'>) {
  return (
    <Panel title="Last deliveries">
      {deliveries.length === 0 ? (
        <p className="text-muted">
          Nothing was delivered yet. Deliveries without a valid signature are in the audit log alone.
        </p>
      ) : (
        <ul aria-label="Last deliveries" className="-my-2 divide-y divide-line">
          {deliveries.map((delivery, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an id may be delivered twice in a millisecond
            <DeliveryRow key={index} delivery={delivery} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function DeliveryRow({ delivery }: { readonly delivery: HookDelivery }) {
  const { atMs, id } = delivery;
  const detail = detailOf(delivery);
  return (
    <li className="live-value py-2">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <span className="sm:w-48">{formatDateTime(atMs)}</span>
        <span className="grow">
          <DeliveryWord delivery={delivery} />
        </span>
        <span className="max-w-full truncate font-mono text-sm text-muted sm:max-w-72" title={id}>
          {id}
        </span>
      </div>
      {detail !== null && <p className="text-sm wrap-anywhere text-muted">{asSentence(detail)}</p>}
    </li>
  );
}
