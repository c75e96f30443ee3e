-- Notes that every batch of a campaign has its job.
--
-- KEYS[1]  campaign  the campaign's record
--
-- Returns "noted" or "gone"
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('HSET', KEYS[1], 'enqueued', 'true')
return 'noted'
