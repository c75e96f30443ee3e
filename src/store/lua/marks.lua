-- Reads once more what a batch job decided upon, when it sleeps already.
--
-- KEYS[1]  account   pause and trouble of the account
-- KEYS[2]  campaign  the campaign's record
-- KEYS[3]  batch     the batch's record
-- KEYS[4]  turn      who may send now
-- ARGV[1]  id        the batch's id
--
-- Returns {the marks that look.lua gave, or others when something has changed; whether the batch has the
-- turn (1 or 0)}
-- @include marks
local mine = redis.call('HGET', KEYS[4], 'owner') == ARGV[1]
return { marksOf(KEYS[1], KEYS[2], KEYS[3]), mine and 1 or 0 }
