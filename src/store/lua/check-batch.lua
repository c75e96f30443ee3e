-- Ends the check of a batch that WeChat had refused because of somebody in it: those who can't be reached leave it as
-- excluded, the rest is a batch like a new one, with a clientmsgid of its own. Left with fewer than two it is
-- canceled.
--
-- KEYS[1]  campaign     the campaign's record
-- KEYS[2]  batch        the batch's record
-- KEYS[3]  plan         the campaign's plan
-- KEYS[4]  open         open batches of the campaign
-- ARGV[1]  now          milliseconds
-- ARGV[2]  number       the batch's number
-- ARGV[3]  size         how many are left to send to
-- ARGV[4]  clientmsgid  of what is left
-- ARGV[5]  members      compressed OpenIDs
-- ARGV[6]  excluded     how many have left it
-- ARGV[7]  notBefore    no call before this, milliseconds
--
-- Returns "checked", "canceled" or "moved" (batch or campaign are not what they were)
-- @include close
local is = redis.call('HMGET', KEYS[2], 'state', 'check', 'doubtSince')
local whole = redis.call('HMGET', KEYS[1], 'state', 'audience')
if is[1] ~= 'planned' or is[2] ~= 'due' or is[3] or whole[1] ~= 'sending' then return 'moved' end

local counts, excluded = cjson.decode(whole[2]), tonumber(ARGV[6])
counts.admitted = counts.admitted - excluded
counts.excluded = counts.excluded + excluded
redis.call('HSET', KEYS[1], 'audience', cjson.encode(counts))
redis.call('HSET', KEYS[2], 'check', 'done', 'size', ARGV[3], 'clientmsgid', ARGV[4], 'notBefore', ARGV[7])
if excluded > 0 then
  redis.call('HSET', KEYS[2], 'readmitted', 'true')
  redis.call('HSET', KEYS[3], 'batch:' .. ARGV[2], ARGV[5])
end
if ARGV[3] == '0' then
  local trouble = '{"code":"NOBODY_LEFT","message":"nobody of this batch can be reached any more"}'
  closeBatch(KEYS[1], KEYS[2], KEYS[4], ARGV[2], 'canceled', 'nobody', tonumber(ARGV[1]), { 'trouble', trouble })
  return 'canceled'
end
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'checked'
