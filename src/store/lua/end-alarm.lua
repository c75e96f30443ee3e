-- Ends the alarm of a restored or long forgotten Redis, all open campaigns being paused.
--
-- KEYS[1]  beat  hash: count, at (of the last beat), alarm, restoredFrom
--
-- Returns "ended"
redis.call('HDEL', KEYS[1], 'alarm')
return 'ended'
