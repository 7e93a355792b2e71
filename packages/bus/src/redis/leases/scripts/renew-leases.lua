-- Registers a live hub, renews its leases, and grants it free shards up to its fair share.
--
-- KEYS[1] the live hubs
-- ARGV    hub, then shard, epoch, shard, epoch … of the leases that it holds
-- Returns {shards that this hub should hold, {shard … of the renewed leases},
--         {shard, epoch, shard, epoch … of the granted ones}}
--
-- `lease-scripts.ts` puts the names of keys and the limits before this text.

local hub = ARGV[1]
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local now = string.format('%.0f', now_ms)
local expiry = string.format('%.0f', now_ms + TTL_MS)

-- A hub whose expiry is further away registered before the clock was set back. If it lives, it is
-- registered again within a second.
redis.call('ZREMRANGEBYSCORE', HUBS, '-inf', now)
redis.call('ZREMRANGEBYSCORE', HUBS, '(' .. expiry, '+inf')
redis.call('ZADD', HUBS, expiry, hub)
redis.call('ZREMRANGEBYRANK', HUBS, 0, -MAX_HUBS - 1)
redis.call('PEXPIRE', HUBS, TTL_MS)

-- All hubs hold equally many shards; the first ones by name hold one more if that does not work out.
local hubs, place = redis.call('ZRANGE', HUBS, 0, -1), 0
table.sort(hubs)
for i, each in ipairs(hubs) do
  if each == hub then place = i end
end
local fair_share = math.floor(SHARDS / #hubs)
if place <= SHARDS % #hubs then fair_share = fair_share + 1 end

local renewed, is_renewed = {}, {}
for i = 2, #ARGV, 2 do
  local key = LEASE .. ARGV[i]
  if holds_lease(key, hub, ARGV[i + 1]) then
    redis.call('PEXPIRE', key, TTL_MS)
    renewed[#renewed + 1] = ARGV[i]
    is_renewed[ARGV[i]] = true
  end
end

-- Seeded by the time, so that the epochs of a Redis that lost its data do not start over.
local function next_epoch()
  redis.call('SET', EPOCH, now, 'NX')
  return string.format('%.0f', redis.call('INCR', EPOCH))
end

-- Returns true if a shard can be granted to this hub: nobody holds it, or the clock was set back, or
-- it was granted to this hub by an answer that was lost.
local function is_free(key)
  local ttl_ms = redis.call('PTTL', key)
  return ttl_ms <= 0 or ttl_ms > TTL_MS or redis.call('HGET', key, 'hub') == hub
end

local granted, wanted = {}, fair_share - #renewed
for shard = 0, SHARDS - 1 do
  local key = LEASE .. shard
  if not is_renewed[tostring(shard)] and is_free(key) then
    redis.call('DEL', key)
    if wanted > 0 then
      wanted = wanted - 1
      local epoch = next_epoch()
      redis.call('HSET', key, 'hub', hub, 'epoch', epoch)
      redis.call('PEXPIRE', key, TTL_MS)
      granted[#granted + 1] = tostring(shard)
      granted[#granted + 1] = epoch
    end
  end
end
return { fair_share, renewed, granted }
