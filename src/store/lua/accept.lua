-- WeChat has taken a batch: records its msg_id, whoever brings it, and takes in a result that came first.
--
-- KEYS[1]   account   pause and trouble of the account
-- KEYS[2]   campaign  the campaign's record
-- KEYS[3]   batch     the batch's record
-- KEYS[4]   doubt     batches in doubt
-- KEYS[5]   turn      who may send now
-- KEYS[6]   queue     who waits for the turn
-- KEYS[7]   open      open batches of the campaign
-- KEYS[8]   owner     the batch that this msg_id belongs to
-- KEYS[9]   inbox     a result of this msg_id that nobody owned yet
-- KEYS[10]  unclaimed msg_ids in the inbox
-- KEYS[11]  review    batches under review, by since when they could own any msg_id
-- ARGV[1]   now       milliseconds
-- ARGV[2]   id        the batch's id
-- ARGV[3]   epoch     of the call
-- ARGV[4]   msgId     WeChat's msg_id
-- ARGV[5]   dataId    WeChat's msg_data_id, or ""
-- ARGV[6]   adopted   "1" when a 45065 named the msg_id, else ""
-- ARGV[7]   leaseMs   of the next turn
--
-- Returns {"accepted" | "elder" (an older batch is in doubt: ask again) | a closed state | "gone" (past its
-- retention), next}
-- @include turn
-- @include close
-- @include heard
-- @include result
-- @include accepted
local now, id = tonumber(ARGV[1]), ARGV[2]
local is = redis.call('HMGET', KEYS[3], 'msgId', 'state', 'number', 'epoch', 'closedBy')
local byPerson = is[5] == 'person' -- what a person has settled stays so
local function done(word)
  return { word, passTurnAfter(ARGV[3], is[4], KEYS[5], KEYS[6], id, now + tonumber(ARGV[7])) }
end
local function review(message)
  local trouble = cjson.encode({ code = 'MSG_ID_CONFLICT', message = message })
  closeBatch(KEYS[2], KEYS[3], KEYS[7], is[3], 'needs_review', 'reply', now, { 'trouble', trouble })
  redis.call('ZREM', KEYS[4], id)
  trackReview(KEYS[11], KEYS[2], KEYS[3], id)
  return done('needs_review')
end

forgetStops(KEYS[1], redis.call('HEXISTS', KEYS[3], 'toAllMonth') == 1)
if not is[2] then return done('gone') end
if is[1] then
  if is[1] == ARGV[4] or is[5] == 'callback' or byPerson then return done(is[2]) end
  return review('two msg_ids, ' .. is[1] .. ' and ' .. ARGV[4])
end
if ARGV[6] == '1' then
  local eldest = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  -- The doubt that is noted next passes the turn on.
  if eldest and eldest ~= id then return { 'elder', '' } end
  redis.call('HSET', KEYS[3], 'adopted', 1)
end
local owner = redis.call('GET', KEYS[8])
if owner and owner ~= id then return byPerson and done(is[2]) or review('msg_id ' .. ARGV[4] .. ' belongs to ' .. owner) end

ownMessage(KEYS[8], KEYS[3], id, ARGV[4], now)
if ARGV[5] ~= '' then noteDataId(KEYS[2], KEYS[3], ARGV[5]) end
redis.call('ZREM', KEYS[4], id)
redis.call('ZREM', KEYS[10], ARGV[4])
redis.call('ZREM', KEYS[11], id)
if is[2] == 'failed' and byPerson then redis.call('HSET', KEYS[3], 'contradiction', '{"state":"accepted"}') end
local settled = is[2] == 'needs_review' or byPerson
if not settled then markAccepted(KEYS[3]) end
redis.call('HINCRBY', KEYS[3], 'version', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
local early = redis.call('GETDEL', KEYS[9])
if not early then return done(settled and is[2] or 'accepted') end
local state = applyResult(KEYS[2], KEYS[3], KEYS[7], is[3], now, early)
trackReview(KEYS[11], KEYS[2], KEYS[3], id)
return done(state)
