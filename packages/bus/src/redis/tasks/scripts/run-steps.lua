-- Runs steps in their order. Each is done as a whole or not at all, and the error of one does not
-- affect the others. `task-scripts.ts` puts the steps before this text, by their names in `STEPS`.
--
-- KEYS    the keys of all steps
-- ARGV    for each step its name, its number of keys, its number of arguments, and its arguments
-- Returns for each step {'done', reply} | {'failed', error}
-- Events  those of the steps

local function slice(list, first, count)
  local part = {}
  for i = 1, count do part[i] = list[first + i - 1] end
  return part
end

local replies, key, arg = {}, 1, 1
while ARGV[arg] do
  local keys, args = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2])
  local done, reply = pcall(STEPS[ARGV[arg]], slice(KEYS, key, keys), slice(ARGV, arg + 3, args))
  if done then replies[#replies + 1] = { 'done', reply }
  else replies[#replies + 1] = { 'failed', type(reply) == 'table' and reply.err or tostring(reply) } end
  key, arg = key + keys, arg + 3 + args
  NOW_US = string.format('%.0f', NOW_US + 1) -- so that tasks of one run keep their order
end
return replies
