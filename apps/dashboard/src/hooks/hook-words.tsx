import type { Hook, HookDelivery, ShownHook } from '@booner/protocol';
import { scalarText } from '@booner/protocol/json-scalar';
import { MarkedWord } from '../rollouts/status-words.tsx';
import { OutcomeLine } from '../triggers/outcome-line.tsx';

const OUTCOMES: Readonly<Record<HookDelivery['outcome'], Parameters<typeof MarkedWord>[0]>> = {
  started: { mark: '▷', word: 'started', className: 'text-accent' },
  replayed: { mark: '↺', word: 'replayed', className: 'text-muted' },
  ignored: { mark: '»', word: 'ignored', className: 'text-muted' },
  refused: { mark: '✕', word: 'refused', className: 'font-semibold text-bad' },
};

/** Returns more about a delivery; `null`: there is nothing to add. */
export const detailOf = ({ outcome, detail }: HookDelivery): string | null =>
  detail ?? (outcome === 'replayed' ? 'an earlier delivery with this id had started it' : null);

/** The outcome of a delivery, with a link to its rollout. */
export function DeliveryWord({ delivery: { outcome, rolloutId } }: { readonly delivery: HookDelivery }) {
  return (
    <OutcomeLine rolloutId={rolloutId}>
      <MarkedWord {...OUTCOMES[outcome]} />
    </OutcomeLine>
  );
}

/** Says if deliveries of a hook can start something. */
export function HookStatusWord({ hook: { paused, issue } }: { readonly hook: ShownHook }) {
  if (paused !== null) return <MarkedWord mark="‖" word="paused" className="text-warn" />;
  if (issue !== null) return <MarkedWord mark="✕" word="not working" className="font-semibold text-bad" />;
  return <MarkedWord mark="●" word="active" className="text-good" />;
}

/** Says why a hook starts nothing; `null`: it can. */
export const whyNothing = ({ paused, issue }: ShownHook): string | null => paused ?? issue;

/** Returns parameters from the payload in one line: `version=/after`. */
export const fieldsText = ({ fields }: Pick<Hook, 'fields'>): string =>
  Object.entries(fields)
    .map(([name, place]) => `${name}=${place}`)
    .join(' ');

/** Returns conditions as texts: `/ref = refs/heads/main`. */
export const conditionTexts = ({ when }: Pick<Hook, 'when'>): readonly string[] =>
  Object.entries(when).map(([place, value]) => `${place} = ${scalarText(value)}`);
