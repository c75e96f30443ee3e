-- Ends the lease of one who could not bring a file to WeChat.
--
-- KEYS[1]  lease   who brings it now
-- ARGV[1]  holder  who gives up
--
-- Returns "released" or "kept", somebody else having it by now
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'kept' end
redis.call('DEL', KEYS[1])
return 'released'
