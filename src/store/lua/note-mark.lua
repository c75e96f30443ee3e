-- Remembers something of a campaign in its plan, unless the campaign is past its retention.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  plan      the campaign's plan
-- ARGV[1]  mark      the field that remembers it
--
-- Returns "noted" or "gone"
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('HSET', KEYS[2], ARGV[1], 1)
return 'noted'
