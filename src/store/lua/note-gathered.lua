-- Notes that all people of a campaign have been read whom WeChat names, and how many there are.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  chunks    of how many pieces its list is
-- ARGV[2]  received  how many entries it has
-- ARGV[3]  invalid   how many of them can't be an OpenID
--
-- Returns "noted" or "stopped" (the campaign is no longer preparing)
local is = redis.call('HMGET', KEYS[1], 'state', 'gathered', 'audience')
if is[1] ~= 'preparing' then return 'stopped' end
if is[2] == 'true' then return 'noted' end
local audience = cjson.decode(is[3])
audience.received = tonumber(ARGV[2])
audience.invalid = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'gathered', 'true', 'chunks', ARGV[1], 'audience', cjson.encode(audience))
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'noted'
