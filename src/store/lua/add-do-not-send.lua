-- Puts people of one hash shard on an account's do-not-send list.
--
-- KEYS[1]  shard   string: its people, each with a newline behind it
-- KEYS[2]  counts  hash: how many people are on the list
-- ARGV[1]  people  of the same form
--
-- Returns how many were not on it before
local known = {}
for person in string.gmatch(redis.call('GET', KEYS[1]) or '', '[^\n]+') do known[person] = true end
local new = {}
for person in string.gmatch(ARGV[1], '[^\n]+') do
  if not known[person] then
    known[person] = true
    new[#new + 1] = person
  end
end
if #new == 0 then return 0 end
redis.call('APPEND', KEYS[1], table.concat(new, '\n') .. '\n')
redis.call('HINCRBY', KEYS[2], 'people', #new)
return #new
