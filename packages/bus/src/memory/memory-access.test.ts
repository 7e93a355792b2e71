import { describe, expect, it } from 'vitest';
import { describeAccessContract } from '../testing/contract/access-contract.ts';
import { makeAuditEntry, makeHash } from '../testing/contract/access-factory.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('access in memory', () => {
  describeAccessContract(async () => {
    const bus = createMemoryBus();
    return { startAccess: async () => bus.startAccess(), [Symbol.asyncDispose]: async () => {} };
  });
});

it('is bounded', async () => {
  await using access = createMemoryBus().startAccess();
  const first = makeHash();
  await access.putTicket(first, { credentialId: null }, 60_000);
  for (let index = 0; index < 10_000; index += 1)
    await access.putTicket(makeHash(), { credentialId: null }, 60_000);
  expect(await access.takeTicket(first)).toBeNull();
  for (let index = 0; index < 10_010; index += 1)
    await access.appendAudit(makeAuditEntry({ detail: `${index}` }));
  const { entries, next } = await access.readAudit({ limit: 20_000 });
  expect([entries.length, entries.at(-1)?.detail, next]).toEqual([10_000, '10', null]);
});
