-- Reads reports of several hosts for one hub.
--
-- KEYS    streams of reports
-- ARGV    hub, entries of each stream at most, then for each stream `>` for reports that no hub has
--         read, or the id after which those begin that this hub has read and not applied
-- Returns for each stream, until the answer is large: {position to go on from; empty if that was all,
--         reasons and descriptions of what was dropped, entries}
-- Events  none

local hub, most = ARGV[1], ARGV[2]

local function read(key, position)
  local command =
    { 'XREADGROUP', 'GROUP', HUBS_GROUP, hub, 'COUNT', most, 'STREAMS', key, position }
  local reply = redis.pcall(unpack(command))
  if is_group_missing(reply) then
    redis.call('XGROUP', 'CREATE', key, HUBS_GROUP, '0')
    reply = redis.call(unpack(command))
  end
  if type(reply) == 'table' and reply.err then error(reply) end
  return reply and reply[1][2] or {}
end

local answer, size = {}, 0
for i, key in ipairs(KEYS) do
  if size >= MAX_ANSWER_BYTES then break end
  local position, go_on, dropped, kept = ARGV[i + 2], '', {}, {}
  if bound_reports(key, dropped) then
    local entries, bytes = read(key, position), 0
    if position ~= '>' then go_on = entries[#entries] and entries[#entries][1] or '>'
    elseif #entries >= tonumber(most) then go_on = '>' end
    kept, bytes = keep_sound(key, entries, dropped)
    size = size + bytes
  end
  answer[i] = { go_on, dropped, kept }
end
return answer
