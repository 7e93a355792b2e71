import { expect, it } from 'vitest';
import { CLOSE_CODES, mayReconnect } from './close-codes.ts';

it('tells a client by the code whether to reconnect', () => {
  const { tooSlow, noPong, rateLimited, tooManyStreams } = CLOSE_CODES;
  const comeBack = [1001, 1006, 1011, 1012, tooSlow, noPong, rateLimited, tooManyStreams];
  expect(comeBack.map(mayReconnect)).toEqual(comeBack.map(() => true));
  const stayAway = [CLOSE_CODES.policyViolation, CLOSE_CODES.messageTooBig, CLOSE_CODES.versionRequired];
  expect(stayAway.map(mayReconnect)).toEqual(stayAway.map(() => false));
});
