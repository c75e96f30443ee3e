-- Stops a campaign's calls until a person resumes it. Its state stays what it was.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  log       the account's audit log
-- ARGV[1]  entry     what is written there, JSON, or ""
--
-- Returns "moved" or "illegal" (it is paused, on its way out or ended)
-- @include audit
local is = redis.call('HMGET', KEYS[1], 'state', 'paused')
if is[2] or (is[1] ~= 'scheduled' and is[1] ~= 'preparing' and is[1] ~= 'sending') then return 'illegal' end
redis.call('HSET', KEYS[1], 'paused', 'true')
redis.call('HINCRBY', KEYS[1], 'version', 1)
audit(KEYS[2], ARGV[1])
return 'moved'
