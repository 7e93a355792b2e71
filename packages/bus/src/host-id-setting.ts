import { HOST_ID_RULE, type HostId, parseHostId } from '@booner/protocol/host-id';
import { makeExactValidator } from 'envalid';

/** Validator of a host id, which it converts to lower case. */
export const hostIdSetting = makeExactValidator<HostId>((text) => {
  const id = parseHostId(text);
  if (id === null) throw new TypeError(`must be ${HOST_ID_RULE}, not ${JSON.stringify(text.slice(0, 300))}`);
  return id;
});
