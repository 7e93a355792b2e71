import { MarkedWord } from '../rollouts/status-words.tsx';
import type { SecretTarget } from './secret-facts.ts';

const STATES: Readonly<Record<SecretTarget['state'], Parameters<typeof MarkedWord>[0]>> = {
  usable: { mark: '✓', word: 'usable', className: 'text-good' },
  key_changed: { mark: '✕', word: 'runner has another key', className: 'font-semibold text-bad' },
  unknown: { mark: '–', word: 'no runner now', className: 'text-muted' },
};

/** Says if the runner of a target can open a secret. */
export const SecretStateWord = ({ state }: Pick<SecretTarget, 'state'>) => <MarkedWord {...STATES[state]} />;
