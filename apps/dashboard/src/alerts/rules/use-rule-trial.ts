import type { RuleToSave } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { bodyOf, type RuleDraft } from './rule-draft.ts';
import { useSettled } from './use-settled.ts';

/** A threshold that is being moved is tried where it rests. */
const PAUSE_MS = 300;

/** Returns the episodes that a draft would have had in a range until now. */
export function useRuleTrial(draft: RuleDraft, range: string) {
  const client = useBoonerClient();
  const text = useSettled(JSON.stringify(bodyOf(draft)), PAUSE_MS);
  return useQuery({
    queryKey: ['alerts', 'trial', text, range],
    queryFn: ({ signal }) =>
      client.testAlertRule({ rule: JSON.parse(text) as RuleToSave, range }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
}
