-- WeChat refused a call for good. A refusal speaks for its own call only: while an earlier call is in
-- doubt the batch goes to a person, else it has failed.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  batch     the batch's record
-- KEYS[3]  doubt     batches in doubt
-- KEYS[4]  turn      who may send now
-- KEYS[5]  queue     who waits for the turn
-- KEYS[6]  open      open batches of the campaign
-- KEYS[7]  quota     the units and calls of the call's day
-- KEYS[8]  review    batches under review, by since when they could own any msg_id
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
-- ARGV[3]  epoch     of the call
-- ARGV[4]  trouble   WeChat's words, JSON
-- ARGV[5]  scope     "campaign" when the message itself was refused, "review" when only a person can
--                    tell what the answer means, else "batch"
-- ARGV[6]  leaseMs   of the next turn
-- ARGV[7]  sendUnit  "call", or "batch": then a clear refusal gives the unit back
--
-- Returns {"failed" | "needs_review" | "stale", next}
-- @include turn
-- @include doubt
-- @include close
-- @include quota
local now, id = tonumber(ARGV[1]), ARGV[2]
local is = redis.call('HMGET', KEYS[2], 'state', 'epoch', 'number')
local function done(word)
  return { word, passTurnAfter(ARGV[3], is[2], KEYS[4], KEYS[5], id, now + tonumber(ARGV[6])) }
end
if is[1] ~= 'sending' or is[2] ~= ARGV[3] then return done('stale') end

local state = 'failed'
if ARGV[5] == 'review' or clearDoubt(KEYS[2], KEYS[3], id, ARGV[3]) then state = 'needs_review' end
if ARGV[5] ~= 'review' and ARGV[7] == 'batch' then giveUnit(KEYS[7], 'send', id, ARGV[3]) end
if ARGV[5] ~= 'review' then giveUnit(KEYS[7], 'toAll', id, ARGV[3]) end
if ARGV[5] == 'campaign' then redis.call('HSET', KEYS[1], 'refused', ARGV[4]) end
closeBatch(KEYS[1], KEYS[2], KEYS[6], is[3], state, 'reply', now, { 'trouble', ARGV[4] })
redis.call('ZREM', KEYS[3], id)
trackReview(KEYS[8], KEYS[1], KEYS[2], id)
return done(state)
