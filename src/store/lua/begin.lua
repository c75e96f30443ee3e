-- The only gate before a call of the send API, first or repeat: all checks and the taking in one step.
--
-- KEYS[1]  account   pause and trouble of the account
-- KEYS[2]  campaign  the campaign's record
-- KEYS[3]  batch     the batch's record
-- KEYS[4]  doubt     batches in doubt
-- KEYS[5]  quota     the day's units and calls
-- KEYS[6]  minute    calls of the last minute
-- KEYS[7]  turn      who may send now
-- KEYS[8]  queue     who waits for the turn
-- KEYS[9]  open      open batches of the campaign
-- KEYS[10] review    batches under review, by since when they could own any msg_id
-- KEYS[11] caps      the account's month
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
-- ARGV[3]  limits    JSON: sendCalls (a day), sendUnit ("call", or "batch": one unit for all its calls of a
--                    day), allCalls (a day, or absent), minuteCalls, month (2026-12), dayEndsAt, settleMs
--                    (how long a call counts as under way), leaseMs, resendWindowMs, window (the account's,
--                    {from, to} in minutes of the Shanghai day, or absent), segment (of people whom WeChat
--                    finds itself: {toAll}, the rule of lib/to-all.lua, or absent), mediaId (of the message)
--
-- Returns {"go", "", epoch, ""}, {"wait", reason, until or -1, next}, {"drop", why, 0, next} or
-- {"closed", state, 0, next}; next is the batch that got the turn instead, or "". Read on in
-- workers/outcome.ts
-- @include turn
-- @include close
-- @include quota
-- @include minute
-- @include gates
-- @include campaign-gate
-- @include to-all
local now, id, limits = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local function no(word, reason, till)
  return { word, reason, till, passTurn(KEYS[7], KEYS[8], id, now + limits.leaseMs) }
end

local is = { number = string.match(id, '~(%d+)$'), campaign = string.match(id, '^(.*)~') }
local fields = { 'state', 'callAt', 'doubtSince', 'notBefore', 'month', 'elder', 'toAllMonth' }
for i, value in ipairs(redis.call('HMGET', KEYS[3], unpack(fields))) do is[fields[i]] = value end

if is.state ~= 'planned' and is.state ~= 'unknown' and is.state ~= 'sending' then return no('closed', is.state or 'gone', 0) end
local word, reason, till = batchGate(is, now, limits.settleMs)
if word and is.state == 'sending' then return { word, reason, till, '' } end
if is.doubtSince and now >= tonumber(is.doubtSince) + limits.resendWindowMs then
  closeBatch(KEYS[2], KEYS[3], KEYS[9], is.number, 'needs_review', 'resend-window', now, {})
  redis.call('ZREM', KEYS[4], id)
  trackReview(KEYS[10], KEYS[2], KEYS[3], id)
  return no('closed', 'needs_review', 0)
end

if not word then word, reason, till = elderGate(KEYS[4], is, id, now, limits.settleMs) end
if not word then word, reason, till = accountGate(KEYS[1], now) end
if not word then word, reason, till = campaignGate(KEYS[2], now, is, limits) end
if word then return no(word, reason, till) end
local mine, other = takeTurn(KEYS[7], KEYS[8], id, is.campaign, now, now + limits.leaseMs)
if not mine then return { 'wait', 'turn', -1, other } end
word, reason, till = limitGate(KEYS[5], KEYS[6], is, id, now, limits)
if not word then word, reason, till = toAllGate(KEYS[1], KEYS[11], KEYS[5], is, id, now, limits) end
if word then return no(word, reason, till) end

local epoch, calls = redis.call('HINCRBY', KEYS[3], 'epoch', 1), redis.call('HINCRBY', KEYS[3], 'calls', 1)
takeUnit(KEYS[5], 'send', sendUnit(id, calls, limits.sendUnit), epoch, limits.dayEndsAt)
takeToAll(KEYS[3], KEYS[11], KEYS[5], is, id, epoch, limits)
countCall(KEYS[5], 'send', 1)
takePlace(KEYS[6], id .. '#' .. calls, now)
redis.call('HSET', KEYS[3], 'state', 'sending', 'callAt', now, 'month', is.month, 'mediaId', limits.mediaId or '')
redis.call('HDEL', KEYS[3], 'wait', 'elder')
if not is.doubtSince then
  redis.call('HSET', KEYS[3], 'doubtSince', now, 'doubtEpoch', epoch)
  redis.call('ZADD', KEYS[4], now, id)
end
redis.call('HINCRBY', KEYS[3], 'version', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
return { 'go', '', epoch, '' }
