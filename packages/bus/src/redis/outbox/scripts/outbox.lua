-- Functions that the scripts of the outbox share, and those of alerts that put something into it.
-- `outbox-scripts.ts` puts the names of keys and the limits before this text.
--
-- An item is an entry of the stream while it is offered. In the sorted set, the lists and the hash
-- it is JSON. The JSON of its notification is a text that no script changes.

-- Number of arguments that an item takes: id, channel, notification (JSON), attempts, first time in
-- Unix milliseconds, last answer or empty.
local ITEM_SIZE = 6

local function item_at(i)
  return { id = ARGV[i], channel = ARGV[i + 1], notification = ARGV[i + 2], attempts = ARGV[i + 3],
    first_at_ms = ARGV[i + 4], answer = ARGV[i + 5] }
end

local function text_of(item)
  local answer = item.answer == '' and 'null' or cjson.encode(item.answer)
  return '{"id":"' .. item.id .. '","channel":"' .. item.channel .. '","attempts":' .. item.attempts ..
    ',"firstAtMs":' .. item.first_at_ms .. ',"answer":' .. answer ..
    ',"notification":' .. item.notification .. '}'
end

-- Returns the item of a text; nil if it cannot be parsed. A quote inside the answer is escaped, so
-- the first `,"notification":` is the one after it.
local function parse_item(text)
  local id, channel, attempts, first_at_ms, answer, notification = string.match(text,
    '"id":"([^"]+)","channel":"([^"]+)","attempts":(%d+),"firstAtMs":(%d+),"answer":(.-),"notification":(.+)}$')
  if not id then return nil end
  local is_json, answers = pcall(cjson.decode, '[' .. answer .. ']')
  if not is_json then return nil end
  return { id = id, channel = channel, attempts = attempts, first_at_ms = first_at_ms,
    answer = type(answers[1]) == 'string' and answers[1] or '', notification = notification }
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function require_outbox()
  require_type(OUTBOX, 'stream')
  require_type(LATER, 'zset')
  require_type(DEAD, 'hash')
end

-- Takes an entry off. Returns true if nobody has done that before.
local function take_off(cursor)
  redis.call('XACK', OUTBOX, HUBS_GROUP, cursor)
  return redis.call('XDEL', OUTBOX, cursor) == 1
end

-- Keeps an item that nobody tries to send any more. Drops those that were buried first, some at a
-- time, since that reads all of them.
local function bury(item)
  local text = text_of(item)
  redis.call('HSET', DEAD, item.id,
    string.format('{"buriedAtMs":%.0f,', now_ms()) .. string.sub(text, 2))
  if redis.call('HLEN', DEAD) <= MAX_DEAD * 1.1 then return end
  local all, buried = redis.call('HGETALL', DEAD), {}
  for i = 1, #all, 2 do
    local at_ms = tonumber(string.match(all[i + 1], '^{"buriedAtMs":(%d+),')) or 0
    buried[#buried + 1] = { id = all[i], at_ms = at_ms }
  end
  table.sort(buried, function(a, b)
    if a.at_ms ~= b.at_ms then return a.at_ms < b.at_ms end
    return a.id < b.id
  end)
  for i = 1, #buried - MAX_DEAD do redis.call('HDEL', DEAD, buried[i].id) end
end

-- Offers an item to hubs.
local function offer(item)
  if redis.call('XLEN', OUTBOX) >= MAX_ITEMS then
    item.answer = 'the outbox was full'
    return bury(item)
  end
  local answer = item.answer == '' and {} or { 'answer', item.answer }
  redis.call('XADD', OUTBOX, '*', 'id', item.id, 'channel', item.channel, 'notification', item.notification,
    'attempts', item.attempts, 'firstAtMs', item.first_at_ms, unpack(answer))
end

-- Offers an item that was postponed or dead. Returns false if its text cannot be parsed.
local function offer_again(text)
  local item = parse_item(text)
  if item then offer(item) end
  return item ~= nil
end
