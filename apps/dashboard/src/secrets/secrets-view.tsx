import { secretVariable } from '@booner/protocol/secret-value';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { Loaded } from '../alerts/loaded.tsx';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import { RolloutsPage } from '../rollouts/rollouts-page.tsx';
import { creatorName } from '../tasks/creator-name.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import { countsOf, type ListedSecret, lastSet, type SecretTarget, targetsText } from './secret-facts.ts';
import { SecretStateWord } from './secret-state-word.tsx';
import { secretsQuery } from './secrets-query.ts';

/** Secrets by name, and the targets that have them. Never their values. */
export function SecretsView() {
  const list = useQuery(secretsQuery(useBoonerClient()));
  const { may, runDenial } = useAccess();
  const outage = useOutage();
  const denial = runDenial() ?? (outage && outageDenial(outage));
  // `null`: a new one.
  const [edited, setEdited] = useState<ListedSecret | null | undefined>();
  return (
    <RolloutsPage
      title="Secrets"
      commands={
        may('operator') && (
          <Button
            variant="primary"
            disabled={denial !== null}
            focusableWhenDisabled
            {...(denial !== null && { title: denial, 'aria-description': denial })}
            onClick={() => setEdited(null)}
          >
            <KeyRound size={16} aria-hidden="true" />
            Set a secret
          </Button>
        )
      }
    >
      <Loaded query={list} what="the secrets">
        {(secrets) =>
          secrets.length === 0 ? (
            <EmptyState title="No secrets yet">
              A secret is a value that actions receive whenever they run on a target, such as a deploy token.
              Its value is encrypted for each target where it is set, so no hub knows it. Action files name
              the secrets that they receive.
            </EmptyState>
          ) : (
            <ul
              aria-label="Secrets"
              className="divide-y divide-line overflow-clip rounded-md border border-line bg-panel"
            >
              {secrets.map((secret) => (
                <SecretRow
                  key={secret.name}
                  secret={secret}
                  isDenied={denial !== null}
                  onSet={() => setEdited(secret)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {edited !== undefined && <SecretDialog secret={edited} onClose={() => setEdited(undefined)} />}
    </RolloutsPage>
  );
}

type SecretRowProps = {
  readonly secret: ListedSecret;
  readonly isDenied: boolean;
  readonly onSet: () => void;
};

function SecretRow({ secret, isDenied, onSet }: SecretRowProps) {
  const { name, targets } = secret;
  const { all, wrong } = countsOf(secret);
  const last = lastSet(secret);
  return (
    <li className="px-3 py-2.5">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="font-semibold wrap-anywhere">{name}</h2>
          <p className="font-mono text-sm wrap-anywhere text-muted">{secretVariable(name)}</p>
        </div>
        <SecretCommands {...{ secret, isDenied, onSet }} />
      </div>
      <details className="mt-2">
        <summary className="rounded-sm py-1 pointer-coarse:py-2.5">
          {all}
          {wrong !== null && <span className="ml-3 font-semibold text-bad">✕ {wrong}</span>}
          {last !== undefined && (
            <span className="ml-3 inline-block text-sm text-muted">
              last set <TimeAgo atMs={last.setAtMs} />
              {last.setBy !== null && ` by ${creatorName(last.setBy)}`}
            </span>
          )}
        </summary>
        <ul aria-label={`Targets of ${name}`} className="live-value mt-1 divide-y divide-line">
          {targets.map((target) => (
            <TargetRow key={target.host} target={target} />
          ))}
        </ul>
      </details>
    </li>
  );
}

const TargetRow = ({ target: { host, state, setAtMs, setBy } }: { readonly target: SecretTarget }) => (
  <li className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 py-1.5 sm:grid-cols-[12rem_minmax(0,1fr)_auto]">
    <Link
      to="/dashboard/targets/$host"
      params={{ host }}
      className="underline underline-offset-2 wrap-anywhere hover:text-accent"
    >
      {host}
    </Link>
    <SecretStateWord state={state} />
    <span className="text-sm text-muted max-sm:col-span-2">
      set <TimeAgo atMs={setAtMs} />
      {setBy !== null && ` by ${creatorName(setBy)}`}
    </span>
  </li>
);

function SecretCommands({ secret: { name, targets }, isDenied, onSet }: SecretRowProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  if (!useAccess().may('operator')) return null;
  const remove = async () => {
    await client.removeSecret(name);
    await queries.invalidateQueries({ queryKey: secretsQuery(client).queryKey });
  };
  return (
    <div className="flex flex-wrap gap-2">
      <Button aria-label={`Set again: ${name}`} disabled={isDenied} focusableWhenDisabled onClick={onSet}>
        <KeyRound size={16} aria-hidden="true" />
        Set again
      </Button>
      <ConfirmButton
        label={`Remove ${name}`}
        disabled={isDenied}
        question={`Remove the secret ${name} from ${targetsText(targets.length)}?`}
        whatHappens="Actions that receive it no longer run there until it is set again. Queued tasks keep their values."
        verb="Remove"
        onConfirm={remove}
      >
        <Trash2 size={16} aria-hidden="true" />
        Remove
      </ConfirmButton>
    </div>
  );
}
