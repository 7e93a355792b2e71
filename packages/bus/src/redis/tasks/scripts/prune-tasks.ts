import { defineScript } from '../../connection/run-script.ts';
import { PRELUDE } from './prelude.ts';

/**
 * Forgets ended tasks over either bound, with their logs: those that ended first, first.
 *
 * KEYS[1] the sorted set of ended tasks
 * ARGV    how many to keep, greatest age in milliseconds, how many to forget at most
 * Returns the number forgotten
 * Events  none
 */
export const PRUNE_TASKS = defineScript(
  [
    PRELUDE,
    `
local max_ended, max_age_ms, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local oldest_us = string.format('%.0f', NOW_US - max_age_ms * 1000)
local over = math.max(redis.call('ZCARD', KEYS[1]) - max_ended, redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. oldest_us))
local count = math.min(over, most)
if count <= 0 then return 0 end
local ids = redis.call('ZRANGE', KEYS[1], 0, count - 1)
for _, id in ipairs(ids) do
  redis.call('UNLINK', TASK .. id, LOG .. id)
  redis.call('ZREM', TASKS, id)
  redis.call('ZREM', KEYS[1], id)
end
return #ids
`,
  ],
  'allow-oom',
);
