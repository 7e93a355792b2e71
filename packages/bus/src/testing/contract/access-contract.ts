import { describe } from 'vitest';
import { type AccessBusUnderTest, type StartHubs, startHubs } from './access-bus-under-test.ts';
import { describeAuditContract } from './audit-contract.ts';
import { describeConnection } from './connection-contract.ts';
import { describeCredentialContract } from './credential-contract.ts';
import { describeIdentityContract } from './identity-contract.ts';
import { describeTakingContract } from './taking-contract.ts';

/** Describes the behaviour of every implementation of `AccessBus`. */
export function describeAccessContract(startBus: () => Promise<AccessBusUnderTest>): void {
  const start: StartHubs = (count = 1) => startHubs(startBus, count);
  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startAccess() };
    }));
  describe('credentials', () => describeCredentialContract(start));
  describe('what is taken once', () => describeTakingContract(start));
  describe('identities', () => describeIdentityContract(start));
  describe('the audit log', () => describeAuditContract(start));
}
