import { START_CURSOR } from '@booner/protocol';
import { expect, it } from 'vitest';
import type { StartHubs } from './access-bus-under-test.ts';
import { makeAuditEntry } from './access-factory.ts';

export function describeAuditContract(start: StartHubs): void {
  it('is read newest first, page by page, on every hub', async () => {
    await using bus = await start(2);
    const entries = Array.from({ length: 7 }, (_, index) => makeAuditEntry({ detail: `number ${index}` }));
    for (const [index, entry] of entries.entries()) await bus.hubs[index % 2]!.appendAudit(entry);
    const first = await bus.hub.readAudit({ limit: 3 });
    const second = await bus.hubs[1]!.readAudit({ limit: 3, before: first.next! });
    await bus.hub.appendAudit(makeAuditEntry({ detail: 'later' })); // moves nothing of the pages that follow
    const third = await bus.hub.readAudit({ limit: 3, before: second.next! });
    const pages = [first, second, third];
    expect(pages.map((page) => page.entries.length)).toEqual([3, 3, 1]);
    expect(third.next).toBeNull();
    const read = pages.flatMap((page) => page.entries);
    expect(read.map(({ id, ...entry }) => entry)).toEqual(entries.toReversed());
    expect(new Set(read.map(({ id }) => id)).size).toBe(7);
    expect(await bus.hub.readAudit({ limit: 3, before: START_CURSOR })).toEqual({ entries: [], next: null });
  });

  it('is read from a position on, page by page', async () => {
    await using bus = await start();
    for (let index = 0; index < 7; index += 1) {
      await bus.hub.appendAudit(makeAuditEntry({ detail: `number ${index}` }));
    }
    const { entries: all } = await bus.hub.readAudit({ limit: 10 });
    const after = all[4]!.id;
    const first = await bus.hub.readAudit({ limit: 3, after });
    expect([first.entries, first.next]).toEqual([all.slice(0, 3), all[2]!.id]);
    const second = await bus.hub.readAudit({ limit: 3, after, before: first.next! });
    expect(second).toEqual({ entries: [all[3]], next: null });
    for (const none of [{ after: all[0]!.id }, { after, before: after }, { after, before: all[6]!.id }]) {
      expect(await bus.hub.readAudit({ limit: 3, ...none })).toEqual({ entries: [], next: null });
    }
    expect((await bus.hub.readAudit({ limit: 10, after: START_CURSOR })).entries).toEqual(all);
  });

  it('takes several entries at once, in their order', async () => {
    await using bus = await start();
    const entries = ['first', 'second', 'third'].map((detail) => makeAuditEntry({ detail }));
    await bus.hub.appendAudit(...entries);
    const { entries: read } = await bus.hub.readAudit({ limit: 10 });
    expect(read.map(({ id, ...entry }) => entry)).toEqual(entries.toReversed());
  });

  it('ends a page that is just full without another', async () => {
    await using bus = await start();
    for (let index = 0; index < 2; index += 1) await bus.hub.appendAudit(makeAuditEntry());
    expect((await bus.hub.readAudit({ limit: 2 })).next).toBeNull();
    expect(await bus.hub.readAudit({ limit: 1 })).toMatchObject({ next: expect.any(String) });
  });

  it('keeps what is not known apart from what is empty', async () => {
    await using bus = await start();
    const entry = makeAuditEntry({
      subject: null,
      credentialId: null,
      address: null,
      target: null,
      detail: '',
      verdict: 'denied',
    });
    await bus.hub.appendAudit(entry);
    expect((await bus.hub.readAudit({ limit: 1 })).entries).toEqual([{ id: expect.any(String), ...entry }]);
  });
}
