import { expect, test } from 'vitest';
import { DAYS, quietShare, type WeeklyTime, weeklyTimes, weekOf, withHour } from './week.ts';

const weekly = (days: string, from: string, to: string): WeeklyTime => ({
  type: 'weekly',
  days: days.split(' ') as WeeklyTime['days'],
  from,
  to,
});
const everyDay = [...DAYS] as WeeklyTime['days'];

test.each([
  ['nights, over midnight and the end of the week', [weekly(everyDay.join(' '), '22:00', '07:00')]],
  ['times that do not begin at an hour', [weekly('mon wed', '12:15', '12:45')]],
  ['whole days', [weekly('sat sun', '00:00', '00:00')]],
  ['a whole week', [weekly(everyDay.join(' '), '00:00', '00:00')]],
  ['nothing', []],
])('%s survive the grid', (_, times) => {
  expect(weeklyTimes(weekOf(times))).toEqual(times);
});

test('times that touch become one', () => {
  const times = [weekly('mon', '20:00', '00:00'), weekly('tue', '00:00', '06:00')];
  expect(weeklyTimes(weekOf(times))).toEqual([weekly('mon', '20:00', '06:00')]);
});

test('what lasts longer than a day is split at midnight', () => {
  const times = [
    weekly('fri', '18:00', '00:00'),
    weekly('sat sun', '00:00', '00:00'),
    weekly('mon', '00:00', '07:00'),
  ];
  expect(weeklyTimes(weekOf(times))).toEqual(times);
  expect(weekOf(weeklyTimes(weekOf(times)))).toEqual(weekOf(times));
});

test('an hour is quiet in part, and made quiet as a whole', () => {
  const week = weekOf([weekly('tue', '22:30', '23:00')]);
  expect([quietShare(week, 1, 22), quietShare(week, 1, 23), quietShare(week, 2, 22)]).toEqual([0.5, 0, 0]);
  const next = withHour(week, 1, 22, true);
  expect(weeklyTimes(next)).toEqual([weekly('tue', '22:00', '23:00')]);
  expect(weeklyTimes(withHour(next, 1, 22, false))).toEqual([]);
  expect(quietShare(week, 1, 22)).toBe(0.5); // the former week is unchanged
});
