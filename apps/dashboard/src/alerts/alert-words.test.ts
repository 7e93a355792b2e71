import { expect, test } from 'vitest';
import { muteText, readingText } from './alert-words.ts';

test('says why nobody is notified', () => {
  expect(muteText(['silence'])).toBe('Muted by a silence');
  expect(muteText(['hub_blind'])).toBe('Muted because the hub receives nothing from any host');
  expect(muteText(['host_offline', 'silence', 'quiet_hours'])).toBe(
    'Muted by a silence and quiet hours, and because its host is offline, which has an alert of its own',
  );
});

test('the title of a state says it all', () => {
  expect(readingText({ valueText: '93 %', threshold: 'over 90 %' })).toBe('93 %, over 90 %');
  expect(readingText({ valueText: 'offline', threshold: null })).toBe('');
});
