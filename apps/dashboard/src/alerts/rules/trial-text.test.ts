import type { RuleTrial } from '@booner/protocol';
import { expect, test } from 'vitest';
import { trialText } from './trial-text.ts';

const episode = (host: string) => ({ host, device: null, severity: 'crit' }) as RuleTrial['episodes'][number];
const trial = { episodes: [], episodeCount: 0, messageCount: 0, selected: 3, tried: 3 };

test('says how often a rule would have fired, and where', () => {
  const episodes = ['10.0.0.2', '10.0.0.3', '10.0.0.2'].map(episode);
  expect(trialText({ ...trial, episodes, episodeCount: 3, messageCount: 6 })).toBe(
    'Would have fired 3 times on 2 targets, 6 messages.',
  );
  expect(trialText({ ...trial, episodes: episodes.slice(0, 1), episodeCount: 1, messageCount: 1 })).toBe(
    'Would have fired once on 1 target, 1 message.',
  );
});

test('does not claim to know what the hub left out', () => {
  const text = trialText({
    episodes: [episode('10.0.0.2')],
    episodeCount: 4000,
    messageCount: 8000,
    selected: 9,
    tried: 4,
  });
  expect(text).toBe(
    'Would have fired 4,000 times on at least 1 target, 8,000 messages (4 of 9 targets tried).',
  );
});

test('tells no fire from nothing to try', () => {
  expect(trialText(trial)).toBe('Would not have fired on 3 targets.');
  expect(trialText({ ...trial, tried: 0 })).toContain('history');
  expect(trialText({ ...trial, selected: 0, tried: 0 })).toBe('The selector selects no target.');
});
