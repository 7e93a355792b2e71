import { expect, it } from 'vitest';
import { startClientBed } from './testing/client-bed.ts';

/** No host has this label: a schedule is accepted before its targets are there. */
const NIGHTLY = { cron: '0 3 * * *', action: 'backup', selector: 'role=db' };

it('saves, lists, reads, pauses, resumes and removes schedules', async () => {
  await using bed = await startClientBed();
  const { client } = bed;
  const saved = await client.saveSchedule('nightly', { ...NIGHTLY, timeZone: 'Europe/Berlin' });
  expect(saved).toMatchObject({ name: 'nightly', words: 'At 03:00, every day (Europe/Berlin)', firings: [] });
  expect(saved.nextAtMs).toHaveLength(5);
  expect((await client.listSchedules()).schedules.map(({ name }) => name)).toEqual(['nightly']);

  expect(await client.pauseSchedule('nightly')).toMatchObject({ nextAtMs: [] });
  expect((await client.readSchedule('nightly')).paused).toMatch(/^paused by /);
  expect(await client.resumeSchedule('nightly')).toMatchObject({ paused: null });

  await expect(client.saveSchedule('nightly', { ...NIGHTLY, cron: '61 * * * *' })).rejects.toMatchObject({
    ...{ code: 'invalid', errors: [{ pointer: '/cron' }] },
  });
  await client.removeSchedule('nightly');
  await expect(client.removeSchedule('nightly')).rejects.toMatchObject({ code: 'not_found' });
  await expect(client.readSchedule('../targets')).rejects.toMatchObject({ code: 'not_found' });
});
