-- Creates the record of a send made outside qunfa, unless its msg_id or its key has one.
--
-- KEYS[1]  booking    the record
-- KEYS[2]  ofMessage  the booking of its msg_id
-- KEYS[3]  ofKey      digest and booking of its Idempotency-Key
-- KEYS[4]  owner      the batch that the msg_id belongs to
-- KEYS[5]  unclaimed  msg_ids that no batch owns, by when their results came
-- KEYS[6]  doubt      batches in doubt
-- KEYS[7]  review     batches under review, by since when they could own any msg_id
-- KEYS[8]  log        the account's audit log
-- ARGV[1]  id         of the new booking
-- ARGV[2]  fields     JSON: the record as a hash
-- ARGV[3]  msgId      or ""
-- ARGV[4]  digest     of all that was asked for under the key, 64 characters; "" without a key
-- ARGV[5]  now        milliseconds
-- ARGV[6]  skewMs     how far clocks may be apart
-- ARGV[7]  keepMs     how long a booking is remembered
-- ARGV[8]  ownableMs  how long after its call a result may still be that call's
-- ARGV[9]  entry      what is written to the log, JSON, or ""
--
-- Returns {"new" | "known", booking}, {"reused", ""} (the key, with another body), {"owned", batch} or
-- {"doubt", batch} (it could be the msg_id's)
-- @include audit
local id, msgId, digest, keepMs = ARGV[1], ARGV[3], ARGV[4], ARGV[7]
local function remember(booking, forMs)
  if digest ~= '' then redis.call('SET', KEYS[3], digest .. booking, 'PX', forMs) end
end

local known = digest ~= '' and redis.call('GET', KEYS[3])
if known and string.sub(known, 1, #digest) ~= digest then return { 'reused', '' } end
if known then return { 'known', string.sub(known, #digest + 1) } end

if msgId ~= '' then
  local booked = redis.call('GET', KEYS[2])
  if booked then
    remember(booked, redis.call('PTTL', KEYS[2]))
    return { 'known', booked }
  end
  local owner = redis.call('GET', KEYS[4])
  if owner then return { 'owned', owner } end
  local arrival = tonumber(redis.call('ZSCORE', KEYS[5], msgId) or ARGV[5])
  for _, key in ipairs({ KEYS[6], KEYS[7] }) do
    local from, to = arrival - tonumber(ARGV[8]), arrival + tonumber(ARGV[6])
    local owner = redis.call('ZRANGEBYSCORE', key, from, to, 'LIMIT', 0, 1)[1]
    if owner then return { 'doubt', owner } end
  end
  redis.call('SET', KEYS[2], id, 'PX', keepMs)
end

remember(id, keepMs)
for field, value in pairs(cjson.decode(ARGV[2])) do redis.call('HSET', KEYS[1], field, value) end
redis.call('PEXPIRE', KEYS[1], keepMs)
audit(KEYS[8], ARGV[9])
return { 'new', id }
