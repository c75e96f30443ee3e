-- Forgets what a file became at WeChat, which does not know it any more; what was brought there since stays.
--
-- KEYS[1]  media  hash: media, until
-- ARGV[1]  media  JSON: what WeChat does not know
--
-- Returns "dropped" or "kept"
if redis.call('HGET', KEYS[1], 'media') ~= ARGV[1] then return 'kept' end
redis.call('DEL', KEYS[1])
return 'dropped'
