-- Changes alerts of the hosts of one shard, each on its own.
--
-- KEYS[1] the shard's alerts
-- ARGV    the shard's lease, hub (empty if no lease is needed), epoch; then for each change: field,
--         text before or empty, text after or empty, key (JSON), ended episode (JSON) or empty,
--         number of inputs, and for each input the list of its shard and its JSON
-- Returns {number of inputs that were dropped, 'changed' or 'conflict', text of the alert that is
--         stored or empty, … for each change}; nil if the lease is not in force, and nothing was
--         changed
-- Events  one with all changes that were made, and the shards whose groups have inputs to take
--
-- JSON is never parsed here: Lua's cjson would turn `[]` into `{}`.

local hub = ARGV[2]
if hub ~= '' and not holds_lease(ARGV[1], hub, ARGV[3]) then return nil end

local changes, i = {}, 4
require_type(KEYS[1], 'hash')
require_type(EVENTS, 'stream')
require_type(EPISODES, 'stream')
while i <= #ARGV do
  local change = { field = ARGV[i], before = ARGV[i + 1], after = ARGV[i + 2], key = ARGV[i + 3],
    ended = ARGV[i + 4], inputs = {} }
  local last = i + 5 + 2 * ARGV[i + 5]
  for j = i + 6, last, 2 do
    require_type(ARGV[j], 'list')
    change.inputs[#change.inputs + 1] = { list = ARGV[j], text = ARGV[j + 1] }
  end
  changes[#changes + 1] = change
  i = last + 1
end

local reply, made = { 0 }, {}
local group_shards, is_listed = {}, {}
local function or_null(text) return text == '' and 'null' or text end

for _, change in ipairs(changes) do
  local current = redis.call('HGET', KEYS[1], change.field) or ''
  if current ~= change.before then
    reply[#reply + 1] = 'conflict'
    reply[#reply + 1] = current
  else
    if change.after == '' then
      redis.call('HDEL', KEYS[1], change.field)
    else
      redis.call('HSET', KEYS[1], change.field, change.after)
    end
    for _, input in ipairs(change.inputs) do
      if redis.call('LLEN', input.list) >= MAX_INPUTS then
        reply[1] = reply[1] + 1
      else
        redis.call('RPUSH', input.list, input.text)
      end
      local shard = string.match(input.list, '%d+$')
      if not is_listed[shard] then group_shards[#group_shards + 1] = shard end
      is_listed[shard] = true
    end
    if change.ended ~= '' then
      redis.call('XADD', EPISODES, 'MAXLEN', '~', MAX_EPISODES, '*', 'episode', change.ended)
    end
    made[#made + 1] = string.sub(change.key, 1, -2) .. ',"after":' .. or_null(change.after) ..
      ',"ended":' .. or_null(change.ended) .. '}'
    reply[#reply + 1] = 'changed'
    reply[#reply + 1] = change.after
  end
end
if #made > 0 then
  redis.call('XADD', EVENTS, 'MAXLEN', '~', MAX_EVENTS, '*', 'type', 'alerts',
    'alerts', '[' .. table.concat(made, ',') .. ']',
    'groups', '[' .. table.concat(group_shards, ',') .. ']')
end
return reply
