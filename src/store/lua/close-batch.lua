-- Applies a result to the batch that owns its msg_id.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  batch     the batch's record
-- KEYS[3]  open      open batches of the campaign
-- KEYS[4]  review    batches under review, by since when they could own any msg_id
-- KEYS[5]  campaigns campaigns of the account that have not ended, or have to be added up again
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
-- ARGV[3]  result    JSON: state, by, total, stops (the campaign), and as JSON each: counts, trouble,
--                    originality, articleUrls
--
-- Returns the state it is in now, "repeat" or "stale"
-- @include close
-- @include heard
-- @include result
local number = string.match(ARGV[2], '~(%d+)$')
local word = applyResult(KEYS[1], KEYS[2], KEYS[3], number, tonumber(ARGV[1]), ARGV[3])
if word == 'repeat' or word == 'stale' then return word end
trackReview(KEYS[4], KEYS[1], KEYS[2], ARGV[2])
-- One that has its report is added up again by the reconciler, should who brought this result die before.
local is = redis.call('HMGET', KEYS[1], 'report', 'createdAt')
if is[1] then redis.call('ZADD', KEYS[5], is[2], string.match(ARGV[2], '^(.*)~')) end
return word
