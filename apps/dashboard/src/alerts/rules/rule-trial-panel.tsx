import { BoonerError } from '@booner/client';
import type { RuleTrial } from '@booner/protocol';
import { useMemo } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatDateTime, formatDuration } from '../../format/times.ts';
import { useFleet } from '../../live/use-fleet.ts';
import { Panel } from '../../ui/panel.tsx';
import type { RuleSearch } from '../alerts-search.ts';
import { SeverityWord } from '../severity-word.tsx';
import type { RuleDraft } from './rule-draft.ts';
import { TrialChart } from './trial-chart.tsx';
import { trialText } from './trial-text.ts';
import { useRuleTrial } from './use-rule-trial.ts';

const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const;
const DEFAULT_RANGE = '24h';
/** Episodes that are listed below the chart. */
const MAX_LISTED = 8;
const NO_EPISODES: RuleTrial['episodes'] = [];

export type RuleTrialPanelProps = {
  readonly draft: RuleDraft;
  readonly search: RuleSearch;
  readonly onSearch: (next: RuleSearch) => void;
  readonly onDraft: (draft: RuleDraft) => void;
};

/** Shows when a rule would have fired: in a sentence, in a chart of one target, and as a list. */
export function RuleTrialPanel({ draft, search, onSearch, onDraft }: RuleTrialPanelProps) {
  const range = search.range ?? DEFAULT_RANGE;
  const mayTry = useAccess().may('operator');
  const trial = useRuleTrial(draft, range, mayTry);
  const episodes = trial.data?.episodes ?? NO_EPISODES;
  const targets = useFleet((fleet) => fleet.targets);
  const known = useMemo(() => [...(targets?.keys() ?? [])], [targets]);
  const firing = useMemo(() => [...new Set(episodes.map(({ host }) => host as string))], [episodes]);
  const host = search.host ?? firing[0] ?? known[0] ?? null;
  const hosts = useMemo(() => {
    const all = new Set([...(host === null ? [] : [host]), ...known]);
    return [...all].sort((a, b) => Number(firing.includes(b)) - Number(firing.includes(a)));
  }, [host, known, firing]);
  const ofHost = useMemo(() => episodes.filter((episode) => episode.host === host), [episodes, host]);
  return (
    <Panel
      title="Try it"
      aside={
        <span className="flex flex-wrap gap-2">
          <select
            aria-label="Target of the chart"
            value={host ?? ''}
            onChange={({ target }) => onSearch({ host: target.value })}
            className="h-8 max-w-48 truncate rounded-md border border-line-strong bg-panel pr-1 pl-2 pointer-coarse:h-10"
          >
            {hosts.length === 0 && <option value="">No targets yet</option>}
            {hosts.map((each) => (
              <option key={each} value={each}>
                {firing.includes(each) ? `${each} ▲` : each}
              </option>
            ))}
          </select>
          <select
            aria-label="Range"
            value={range}
            onChange={({ target }) => onSearch({ range: target.value as RuleSearch['range'] })}
            className="h-8 rounded-md border border-line-strong bg-panel pr-1 pl-2 pointer-coarse:h-10"
          >
            {RANGES.map((each) => (
              <option key={each} value={each}>
                Last {each}
              </option>
            ))}
          </select>
        </span>
      }
    >
      {mayTry ? (
        <Verdict trial={trial} />
      ) : (
        <p className="mb-2 text-muted">Trying rules needs the role operator.</p>
      )}
      <TrialChart host={host} range={range} draft={draft} episodes={ofHost} onDraft={onDraft} />
      <Episodes
        episodes={episodes}
        count={trial.data?.episodeCount ?? 0}
        onHost={(next) => onSearch({ host: next })}
      />
    </Panel>
  );
}

/** The sentence. Keeps its line, so that nothing moves while a threshold does. */
function Verdict({
  trial: { data, error, isFetching },
}: {
  readonly trial: ReturnType<typeof useRuleTrial>;
}) {
  const text = error !== null ? whyNot(error) : data === undefined ? 'Trying …' : trialText(data);
  return (
    <p
      role="status"
      aria-busy={isFetching}
      className={`mb-2 min-h-6 text-lg wrap-anywhere ${error === null ? '' : 'text-warn'}`}
    >
      {text}
    </p>
  );
}

/** An incomplete rule is not tried. The form itself complains when it is saved. */
function whyNot(error: Error): string {
  const [issue] = error instanceof BoonerError ? error.errors : [];
  if (issue === undefined) return error.message;
  return `Not tried: ${issue.pointer.replace(/^\/rule\//, '')} ${issue.detail}.`;
}

type EpisodesProps = {
  readonly episodes: RuleTrial['episodes'];
  readonly count: number;
  readonly onHost: (host: string) => void;
};

function Episodes({ episodes, count, onHost }: EpisodesProps) {
  if (episodes.length === 0) return null;
  const listed = [...episodes].sort((a, b) => b.startedAtMs - a.startedAtMs).slice(0, MAX_LISTED);
  return (
    <div className="mt-3">
      <h3 className="mb-1 text-sm text-muted">
        {count > listed.length ? `The last ${listed.length} of ${formatCount(count)} episodes` : 'Episodes'}
      </h3>
      <ul className="divide-y divide-line">
        {listed.map(({ host, device, startedAtMs, endedAtMs, severity }) => (
          <li
            key={`${host} ${device} ${startedAtMs}`}
            className="flex flex-wrap items-baseline gap-x-4 py-1.5 text-sm"
          >
            <span className="w-20">
              <SeverityWord severity={severity} />
            </span>
            <button
              type="button"
              className="min-w-0 text-left wrap-anywhere underline underline-offset-2 pointer-coarse:py-2.5"
              onClick={() => onHost(host)}
            >
              {host}
              {device !== null && ` ${device}`}
            </button>
            <span className="ml-auto text-muted">
              {formatDateTime(startedAtMs)},{' '}
              {endedAtMs === null ? 'still open' : formatDuration(endedAtMs - startedAtMs)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
