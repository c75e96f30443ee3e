-- A campaign needs a list no more: it was last used when that ended.
--
-- KEYS[1]  record    the list's record
-- KEYS[2]  pins      campaigns that named it
-- ARGV[1]  campaign  the campaign's id
-- ARGV[2]  endedAt   milliseconds, 0 when that is not known
--
-- Returns "unpinned" or "done"
if redis.call('SREM', KEYS[2], ARGV[1]) == 0 then return 'done' end
local usedAt = redis.call('HGET', KEYS[1], 'usedAt')
if usedAt and tonumber(ARGV[2]) > tonumber(usedAt) then redis.call('HSET', KEYS[1], 'usedAt', ARGV[2]) end
return 'unpinned'
