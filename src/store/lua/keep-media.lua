-- Remembers what a file became at WeChat, and ends the lease of who brought it there. One who lost the lease is as
-- welcome: what it brought is there.
--
-- KEYS[1]  media   hash: media, until
-- KEYS[2]  lease   who brings it now
-- ARGV[1]  holder  who brought it
-- ARGV[2]  media   JSON
-- ARGV[3]  until   when it runs out, milliseconds; "" for never
-- ARGV[4]  keepMs  how long it is remembered after it was last asked for
--
-- Returns "kept"
redis.call('HSET', KEYS[1], 'media', ARGV[2], 'until', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 'kept'
