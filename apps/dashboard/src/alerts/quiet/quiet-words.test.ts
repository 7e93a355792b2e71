import { expect, test } from 'vitest';
import { daysText, quietTimeText } from './quiet-words.ts';

test('names days as people do', () => {
  expect(daysText(['mon', 'tue', 'wed', 'thu', 'fri'])).toBe('Mon–Fri');
  expect(daysText(['sun', 'sat'])).toBe('Sat, Sun');
  expect(daysText(['mon', 'wed', 'thu', 'fri'])).toBe('Mon, Wed–Fri');
  expect(daysText(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).toBe('Every day');
});

test('says when it is quiet', () => {
  expect(quietTimeText({ type: 'weekly', days: ['sat', 'sun'], from: '22:00', to: '07:00' })).toBe(
    'Sat, Sun 22:00–07:00',
  );
  expect(quietTimeText({ type: 'weekly', days: ['sun'], from: '00:00', to: '00:00' })).toBe('Sun, all day');
  expect(quietTimeText({ type: 'cron', cron: '0 2 * * TUE#2', for: '4h' })).toBe('0 2 * * TUE#2 for 4h');
});
