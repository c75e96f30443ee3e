-- Takes a person off an account's do-not-send list.
--
-- KEYS[1]  shard   string: its people, each with a newline behind it
-- KEYS[2]  counts  hash: how many people are on the list
-- ARGV[1]  person  their OpenID
--
-- Returns "dropped", or "absent" when they were not on it
local people = '\n' .. (redis.call('GET', KEYS[1]) or '')
local first, last = string.find(people, '\n' .. ARGV[1] .. '\n', 1, true)
if not first then return 'absent' end
local left = string.sub(people, 2, first) .. string.sub(people, last + 1)
if left == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], left) end
if redis.call('HINCRBY', KEYS[2], 'people', -1) == 0 then redis.call('DEL', KEYS[2]) end
return 'dropped'
