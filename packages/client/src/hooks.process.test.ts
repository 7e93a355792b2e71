import { expect, it } from 'vitest';
import { startClientBed } from './testing/client-bed.ts';

/** No host has this label: a hook is accepted before its targets are there. */
const HOOK = { action: 'web.deploy', selector: 'role=web', fields: { version: '/after' } };

it('saves, lists, reads, rotates, pauses, resumes and removes hooks', async () => {
  await using bed = await startClientBed();
  const { client } = bed;
  const saved = await client.saveHook('web', HOOK);
  expect(saved).toMatchObject({ name: 'web', paused: null, deliveries: [] });
  expect(saved.secret).toMatch(/^whsec_/);
  expect(await client.saveHook('web', HOOK, { keepKey: true })).toMatchObject({ url: null, secret: null });
  const rotated = await client.rotateHook('web');
  expect(new Set([saved.url, rotated.url, saved.secret, rotated.secret]).size).toBe(4);
  expect((await client.listHooks()).hooks.map(({ name }) => name)).toEqual(['web']);

  expect((await client.pauseHook('web')).paused).toMatch(/^paused by /);
  expect((await client.readHook('web')).paused).toMatch(/^paused by /);
  expect(await client.resumeHook('web')).toMatchObject({ paused: null });

  await expect(client.saveHook('web', { ...HOOK, fields: { version: 'after' } })).rejects.toMatchObject({
    ...{ code: 'invalid', errors: [{ pointer: '/fields/version' }] },
  });
  await client.removeHook('web');
  await expect(client.removeHook('web')).rejects.toMatchObject({ code: 'not_found' });
  await expect(client.readHook('../targets')).rejects.toMatchObject({ code: 'not_found' });
});
