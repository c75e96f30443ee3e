-- What the next step of a batch depends on, as it is at one moment. Changes nothing.
--
-- KEYS[1]  account   pause and trouble of the account
-- KEYS[2]  campaign  the campaign's record
-- KEYS[3]  batch     the batch's record
-- KEYS[4]  turn      who may send now
-- KEYS[5]  open      open batches of the campaign
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
--
-- Returns {marks, batch, campaign, account, turn, open, state}: the records field by value, those of campaign
-- and account only for a batch that may be called; turn is "mine", "held" by another batch, or "free"; how
-- many batches of the campaign are open; the campaign's state, or ""
-- @include marks
local batch, campaign, account = redis.call('HGETALL', KEYS[3]), {}, {}
local state = redis.call('HGET', KEYS[3], 'state')
if state == 'planned' or state == 'sending' or state == 'unknown' then
  campaign, account = redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[1])
end
local turn, word = redis.call('HMGET', KEYS[4], 'owner', 'until'), 'free'
if turn[1] == ARGV[2] then word = 'mine' elseif turn[1] and tonumber(turn[2]) > tonumber(ARGV[1]) then word = 'held' end
return {
  marksOf(KEYS[1], KEYS[2], KEYS[3]), batch, campaign, account,
  word, redis.call('SCARD', KEYS[5]), redis.call('HGET', KEYS[2], 'state') or '',
}
