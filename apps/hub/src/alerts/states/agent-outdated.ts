import { isBehind } from '@booner/protocol';
import type { StateKind } from './state-kind.ts';

export const agentOutdated: StateKind = {
  title: 'Agent is older than the hub',
  word: 'outdated',
  isKnownOffline: false,
  read({ target: { system }, hubVersion }) {
    const version = system?.version ?? null;
    return [{ device: null, holds: version === null ? null : isBehind(version, hubVersion) }];
  },
};
