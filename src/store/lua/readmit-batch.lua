-- Makes a batch that has slipped past its month's end one of the later month: fewer people or the same,
-- and another clientmsgid. Left without anybody it is canceled.
--
-- KEYS[1]  campaign     the campaign's record
-- KEYS[2]  batch        the batch's record
-- KEYS[3]  plan         the campaign's plan
-- KEYS[4]  readmission  who of the batch is admitted again
-- KEYS[5]  open         open batches of the campaign
-- ARGV[1]  now          milliseconds
-- ARGV[2]  number       the batch's number
-- ARGV[3]  from         the month of its reservations
-- ARGV[4]  month        the later one
-- ARGV[5]  size         how many are left to send to
-- ARGV[6]  clientmsgid  of what is left
-- ARGV[7]  members      compressed OpenIDs
-- ARGV[8]  capped       how many are at the cap there
-- ARGV[9]  excluded     1 when one was left alone, else 0
-- ARGV[10] notBefore    no call before this, milliseconds
--
-- Returns "readmitted", "canceled" or "moved" (batch or campaign are not what they were)
-- @include close
local is = redis.call('HMGET', KEYS[2], 'state', 'month', 'doubtSince')
local whole = redis.call('HMGET', KEYS[1], 'state', 'audience')
if is[1] ~= 'planned' or is[2] ~= ARGV[3] or is[3] or whole[1] ~= 'sending' then return 'moved' end

local counts, capped, excluded = cjson.decode(whole[2]), tonumber(ARGV[8]), tonumber(ARGV[9])
counts.admitted = counts.admitted - capped - excluded
counts.capped = counts.capped + capped
counts.excluded = counts.excluded + excluded
redis.call('HSET', KEYS[1], 'audience', cjson.encode(counts))
redis.call('HSET', KEYS[2], 'month', ARGV[4], 'size', ARGV[5], 'clientmsgid', ARGV[6], 'readmitted', 'true',
  'notBefore', ARGV[10])
redis.call('HSET', KEYS[3], 'batch:' .. ARGV[2], ARGV[7])
redis.call('DEL', KEYS[4])
if ARGV[5] == '0' then
  local trouble = '{"code":"NOBODY_LEFT","message":"everybody of this batch is at the cap of the month that it slipped into"}'
  closeBatch(KEYS[1], KEYS[2], KEYS[5], ARGV[2], 'canceled', 'month', tonumber(ARGV[1]), { 'trouble', trouble })
  return 'canceled'
end
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'readmitted'
