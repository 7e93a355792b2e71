import { expect, it } from 'vitest';
import { startClientBed } from './testing/client-bed.ts';

it('sets a secret for the runners of a selector, lists and removes it', async () => {
  await using bed = await startClientBed();
  const { client } = bed;
  const selector = 'host=127.0.0.1';
  const { targets, ...rest } = await client.setSecret('token', 'hunter2', { selector });
  expect(rest).toEqual({ name: 'token', withoutRunner: [] });
  expect(targets).toEqual([{ host: '127.0.0.1', runnerKey: expect.stringMatching(/^[\w-]{43}$/) }]);
  expect((await client.listSecrets()).secrets).toMatchObject([
    { name: 'token', targets: [{ host: '127.0.0.1', state: 'usable' }] },
  ]);
  expect(await client.setSecret('token', 'x', { selector: '' })).toMatchObject({ targets: [] });
  await expect(client.setSecret('token', '', { selector })).rejects.toMatchObject({ code: 'invalid' });
  await expect(client.setSecret('No', 'x', { selector })).rejects.toMatchObject({
    ...{ code: 'invalid', errors: [{ pointer: '/name' }] },
  });
  expect(await client.removeSecret('token')).toEqual({ name: 'token', hosts: ['127.0.0.1'] });
  await expect(client.removeSecret('token', { selector })).rejects.toMatchObject({ code: 'not_found' });
});
