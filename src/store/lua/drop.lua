-- Ends a batch for which no further call will be made. One in doubt goes to a person.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  batch     the batch's record
-- KEYS[3]  doubt     batches in doubt
-- KEYS[4]  open      open batches of the campaign
-- KEYS[5]  turn      who may send now
-- KEYS[6]  queue     who waits for the turn
-- KEYS[7]  review    batches under review, by since when they could own any msg_id
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
-- ARGV[3]  state     what a batch without doubt becomes: "failed" or "canceled"
-- ARGV[4]  by        who ends it
-- ARGV[5]  trouble   why, JSON
-- ARGV[6]  leaseMs   of the next turn
--
-- Returns {the state it is in now, next}
-- @include turn
-- @include close
local is = redis.call('HMGET', KEYS[2], 'state', 'doubtSince', 'number')
if is[1] ~= 'planned' and is[1] ~= 'unknown' and is[1] ~= 'sending' then return { is[1] or 'gone', '' } end
local state = is[2] and 'needs_review' or ARGV[3]
closeBatch(KEYS[1], KEYS[2], KEYS[4], is[3], state, ARGV[4], tonumber(ARGV[1]), { 'trouble', ARGV[5] })
redis.call('ZREM', KEYS[3], ARGV[2])
trackReview(KEYS[7], KEYS[1], KEYS[2], ARGV[2])
return { state, passTurn(KEYS[5], KEYS[6], ARGV[2], tonumber(ARGV[1]) + tonumber(ARGV[6])) }
