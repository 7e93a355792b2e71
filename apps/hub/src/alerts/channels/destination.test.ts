import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { type Destination, findDestination } from './destination.ts';

const PUBLIC = { address: '2606:4700::1111', family: 6 };
const PRIVATE = { address: '10.0.0.9', family: 4 };

const find = (addresses: readonly LookupAddress[], allowPrivate = false) =>
  findDestination('hooks.example.org', { allowPrivate, resolve: async () => addresses });

/** The two forms in which a connection looks an address up. */
async function connectedTo(destination: Destination): Promise<unknown> {
  if (destination.type !== 'allowed') return destination;
  const { lookup } = destination;
  const all = await new Promise((resolve) =>
    lookup('ignored.example.org', { all: true }, (_error, addresses) => resolve(addresses)),
  );
  const first = await new Promise((resolve) =>
    lookup('ignored.example.org', {}, (_error, address, family) => resolve({ address, family })),
  );
  return { all, first };
}

test('a connection goes to the addresses that were checked, whatever name it asks for', async () => {
  expect(await connectedTo(await find([PUBLIC]))).toEqual({ all: [PUBLIC], first: PUBLIC });
});

test('of several addresses, those that are not allowed are left out', async () => {
  expect(await connectedTo(await find([PRIVATE, PUBLIC]))).toEqual({ all: [PUBLIC], first: PUBLIC });
  expect(await connectedTo(await find([PRIVATE, PUBLIC], true))).toEqual({
    all: [PRIVATE, PUBLIC],
    first: PRIVATE,
  });
});

test('a name with private addresses alone is refused, and what to do is said', async () => {
  expect(await find([PRIVATE])).toEqual({
    type: 'refused',
    reason:
      'hooks.example.org is at 10.0.0.9, in a private network: set allowPrivate to true if that is intended',
  });
});

test('a name at a metadata service is refused, even where private receivers are allowed', async () => {
  expect(await find([{ address: '169.254.169.254', family: 4 }], true)).toEqual({
    type: 'refused',
    reason: 'hooks.example.org is at 169.254.169.254, where no receiver can be: use another host',
  });
});

test('a name without an address is not resolved', async () => {
  expect(await find([])).toEqual({
    type: 'unresolved',
    reason: 'cannot resolve hooks.example.org: no address',
  });
});
