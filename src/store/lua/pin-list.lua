-- Keeps a list for a campaign that names it.
--
-- KEYS[1]  record    the list's record
-- KEYS[2]  pins      campaigns that named it
-- ARGV[1]  campaign  the campaign's id
-- ARGV[2]  now       milliseconds
--
-- Returns "pinned", or "gone" where there is no such list
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], 'usedAt', ARGV[2])
return 'pinned'
