import type { ShownHook } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Webhook } from 'lucide-react';
import { useAccess } from '../../access/use-access.ts';
import { Loaded } from '../../alerts/loaded.tsx';
import { asSentence } from '../../live/connection-words.ts';
import { RolloutsPage } from '../../rollouts/rollouts-page.tsx';
import { paramsText } from '../../tasks/params-text.ts';
import { OnTargets } from '../../triggers/on-targets.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { HookCommands } from '../hook-commands.tsx';
import { hooksQuery } from '../hook-queries.ts';
import { DeliveryWord, detailOf, fieldsText, HookStatusWord, whyNothing } from '../hook-words.tsx';

/** All hooks, by name. */
export function HooksView() {
  const list = useQuery(hooksQuery(useBoonerClient()));
  const mayCreate = useAccess().may('operator');
  return (
    <RolloutsPage
      title="Hooks"
      commands={
        mayCreate && (
          <Link to="/dashboard/new-hook" className={buttonClass('primary')}>
            <Webhook size={16} aria-hidden="true" />
            New hook
          </Link>
        )
      }
    >
      <Loaded query={list} what="the hooks">
        {(hooks) =>
          hooks.length === 0 ? (
            <NoHooks />
          ) : (
            <ul
              aria-label="Hooks"
              className="divide-y divide-line overflow-clip rounded-md border border-line bg-panel"
            >
              {hooks.map((hook) => (
                <HookRow key={hook.name} hook={hook} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </RolloutsPage>
  );
}

const NoHooks = () => (
  <EmptyState title="No hooks yet">
    <p>
      A hook lets another system start a rollout: a push to GitHub or GitLab, a build that has ended, or a
      script. It has a URL, and a secret that authenticates the sender. Each delivery starts one rollout.
    </p>
    <p className="mt-3">
      The steps for GitHub, GitLab and scripts are in docs/hooks.md of Booner, the routes in the{' '}
      <a href="/docs" className="text-accent underline underline-offset-2">
        API reference
      </a>
      .
    </p>
  </EmptyState>
);

function HookRow({ hook: shown }: { readonly hook: ShownHook }) {
  const { name, hook, deliveries } = shown;
  const [last] = deliveries;
  const params = [paramsText(hook.params), fieldsText(hook)].filter(Boolean).join(' ');
  const why = whyNothing(shown);
  const detail = last === undefined ? null : detailOf(last);
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-2 px-3 py-2.5 hover:bg-raised has-[a:focus-visible]:bg-raised sm:grid-cols-[7rem_minmax(0,1fr)_16rem] sm:items-center lg:grid-cols-[7rem_minmax(0,1fr)_20rem_14rem]">
      <span className="live-value max-sm:order-2">
        <HookStatusWord hook={shown} />
      </span>
      <div className="min-w-0 max-sm:order-1">
        <Link
          to="/dashboard/hooks/$name"
          params={{ name }}
          className="font-semibold wrap-anywhere after:absolute after:inset-0 after:content-[''] focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {name}
        </Link>
        <p className="line-clamp-2 text-sm wrap-anywhere text-muted">
          {hook.action} {params !== '' && `${params} `}
          <OnTargets trigger={hook} />
        </p>
        {why !== null && <p className="text-sm wrap-anywhere text-warn">{asSentence(why)}</p>}
      </div>
      <div className="live-value min-w-0 text-sm max-sm:order-3 max-sm:col-span-2">
        {last === undefined ? (
          <p className="text-muted">Nothing was delivered yet.</p>
        ) : (
          <>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="text-muted">
                Last: <TimeAgo atMs={last.atMs} />
              </span>
              <DeliveryWord delivery={last} />
            </p>
            {last.outcome !== 'started' && detail !== null && (
              <p className="line-clamp-2 wrap-anywhere text-muted">{asSentence(detail)}</p>
            )}
          </>
        )}
      </div>
      <div className="max-sm:order-4 max-sm:col-span-2 sm:max-lg:col-span-2 sm:max-lg:col-start-2 lg:justify-self-end">
        <HookCommands hook={shown} />
      </div>
    </li>
  );
}
