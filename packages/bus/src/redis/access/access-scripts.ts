import { defineScript } from '../connection/run-script.ts';

/**
 * Scripts that change credentials. Each counts the version up first: when Redis then fails, hubs read once in vain; the other
 * way round they would miss a change. All share
 *
 * KEYS[1] the hash of credentials, SHA-256 -> JSON
 * KEYS[2] the version
 */

/** ARGV SHA-256, credential (JSON). Returns nil. */
export const PUT_CREDENTIAL = defineScript([
  `
redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return nil
`,
]);

/**
 * ARGV SHA-256, credential (JSON), SHA-256 … of those in whose place it comes. Returns 1 when it was added, 0 when there ever was another
 * credential.
 */
export const PUT_FIRST_CREDENTIAL = defineScript([
  `
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then
  local stored = redis.call('HGETALL', KEYS[1])
  local isReplaced = {}
  for i = 3, #ARGV do isReplaced[ARGV[i]] = true end
  for i = 1, #stored, 2 do
    if not isReplaced[stored[i]] then return 0 end
  end
  if #stored == 0 then return 0 end
end
redis.call('INCR', KEYS[2])
for i = 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`,
]);

/** ARGV SHA-256 … Returns a list: for each, its JSON, or false when it was not there. */
export const REMOVE_CREDENTIALS = defineScript(
  [
    `
redis.call('INCR', KEYS[2])
local removed = {}
for i, hash in ipairs(ARGV) do
  removed[i] = redis.call('HGET', KEYS[1], hash)
  redis.call('HDEL', KEYS[1], hash)
end
return removed
`,
  ],
  'allow-oom',
);

/** ARGV SHA-256. Returns the JSON of the link, or false when there is none. */
export const TAKE_LINK = defineScript(
  [
    `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return false end
local readable, credential = pcall(cjson.decode, stored)
if not readable or type(credential) ~= 'table' or credential.kind ~= 'link' then return false end
redis.call('INCR', KEYS[2])
redis.call('HDEL', KEYS[1], ARGV[1])
return stored
`,
  ],
  'allow-oom',
);
