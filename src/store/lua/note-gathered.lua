-- Notes that the members of a campaign's segment have all been read, and how many there are.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  chunks    of how many pieces its list is
-- ARGV[2]  received  how many people are in it
--
-- Returns "noted" or "stopped" (the campaign is no longer preparing)
local is = redis.call('HMGET', KEYS[1], 'state', 'gathered', 'audience')
if is[1] ~= 'preparing' then return 'stopped' end
if is[2] then return 'noted' end
local audience = cjson.decode(is[3])
audience.received = tonumber(ARGV[2])
redis.call('HSET', KEYS[1], 'gathered', 'true', 'chunks', ARGV[1], 'audience', cjson.encode(audience))
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'noted'
