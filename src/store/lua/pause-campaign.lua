-- Stops a campaign's calls until a person resumes it. Its state stays what it was.
--
-- KEYS[1]  campaign  the campaign's record
--
-- Returns "moved" or "illegal" (it is paused, on its way out or ended)
local is = redis.call('HMGET', KEYS[1], 'state', 'paused')
if is[2] or (is[1] ~= 'scheduled' and is[1] ~= 'preparing' and is[1] ~= 'sending') then return 'illegal' end
redis.call('HSET', KEYS[1], 'paused', 'true')
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'moved'
