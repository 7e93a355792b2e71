import { BoonerError, type RuleToSave } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { bodyOf, type RuleDraft } from './rule-draft.ts';
import { useSettled } from './use-settled.ts';

/** A threshold that is being moved is tried where it rests. */
const PAUSE_MS = 300;
/** The hub tries one rule at a time for each user, who may have another page open. */
const BUSY_RETRIES = 5;
const BUSY_DELAY_MS = 1000;

type Asked = { readonly rule: RuleToSave; readonly range: string };

/** Returns what decides about episodes. Whatever is wrong with the rest, the rule can be tried. */
function triedPart(draft: RuleDraft): RuleToSave {
  const { runbook: _, channels: __, escalate: ___, ...tried } = bodyOf(draft);
  return tried;
}

/**
 * Returns the episodes that a draft would have had in a range until now. A draft that changes
 * meanwhile is tried next.
 */
export function useRuleTrial(draft: RuleDraft, range: string, isAllowed: boolean) {
  const client = useBoonerClient();
  const wanted = useSettled(JSON.stringify({ rule: triedPart(draft), range } satisfies Asked), PAUSE_MS);
  const [asked, setAsked] = useState(wanted);
  const trial = useQuery({
    queryKey: ['alerts', 'trial', asked],
    queryFn: () => client.testAlertRule(JSON.parse(asked) as Asked),
    enabled: isAllowed,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: (failures, error) =>
      error instanceof BoonerError && error.code === 'busy' && failures < BUSY_RETRIES,
    retryDelay: BUSY_DELAY_MS,
  });
  const { isFetching } = trial;
  useEffect(() => {
    if (!isFetching) setAsked(wanted);
  }, [isFetching, wanted]);
  return trial;
}
