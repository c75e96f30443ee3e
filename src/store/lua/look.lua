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
-- Returns {marks, batch, campaign, account, held, open, state}: the records field by value, those of
-- campaign and account only for a batch that may be called; whether another batch has the turn (1 or 0);
-- how many batches of the campaign are open; the campaign's state, or ""
-- @include marks
local batch, campaign, account = redis.call('HGETALL', KEYS[3]), {}, {}
local state = redis.call('HGET', KEYS[3], 'state')
if state == 'planned' or state == 'sending' or state == 'unknown' then
  campaign, account = redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[1])
end
local turn = redis.call('HMGET', KEYS[4], 'owner', 'until')
local held = turn[1] and turn[1] ~= ARGV[2] and tonumber(turn[2]) > tonumber(ARGV[1])
return {
  marksOf(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ''), batch, campaign, account,
  held and 1 or 0, redis.call('SCARD', KEYS[5]), redis.call('HGET', KEYS[2], 'state') or '',
}
