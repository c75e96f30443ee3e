-- Notes that everybody of a booking is counted.
--
-- KEYS[1]  booking  the record
--
-- Returns "finished" or "gone"
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('HSET', KEYS[1], 'done', 'true')
return 'finished'
