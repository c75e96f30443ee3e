-- A person settles a batch that no call or callback could: it went out, or it did not. Nothing overrides that.
--
-- KEYS[1]  campaign   the campaign's record
-- KEYS[2]  batch      the batch's record
-- KEYS[3]  open       open batches of the campaign
-- KEYS[4]  review     batches under review, by since when they could own any msg_id
-- KEYS[5]  campaigns  campaigns of the account that have not ended, or have to be added up again
-- KEYS[6]  owner      the batch that the msg_id belongs to
-- KEYS[7]  inbox      a result of that msg_id which nobody owned yet
-- KEYS[8]  unclaimed  msg_ids in the inbox
-- KEYS[9]  log        the account's audit log
-- ARGV[1]  now        milliseconds
-- ARGV[2]  id         the batch's id
-- ARGV[3]  state      "succeeded" (it went out) or "failed" (it did not)
-- ARGV[4]  review     the verdict, JSON
-- ARGV[5]  msgId      what it went out as, or ""
-- ARGV[6]  entry      what is written to the log, JSON
--
-- Returns {the state it is in now, ""}, {"illegal", its state} (it is not under review), {"named", its own msg_id} or
-- {"owned", the batch that has the msg_id}
-- @include close
-- @include heard
-- @include result
-- @include audit
local is = redis.call('HMGET', KEYS[2], 'state', 'number', 'msgId', 'trouble', 'closedBy', 'doubtSince')
if is[1] ~= 'needs_review' then return { 'illegal', is[1] or '' } end
local named = ARGV[5] ~= '' and ARGV[5] ~= is[3]
if named and is[3] then return { 'named', is[3] } end
local owner = named and redis.call('GET', KEYS[6])
if owner and owner ~= ARGV[2] then return { 'owned', owner } end

local fields = { 'review', ARGV[4] }
if is[4] then table.insert(fields, 'reviewed'); table.insert(fields, is[4]) end
if is[6] then table.insert(fields, 'doubted'); table.insert(fields, is[6]) end
-- A repeat of the callback that has brought it here says nothing new.
if is[5] == 'callback' then table.insert(fields, 'heard'); table.insert(fields, 1) end
if named then table.insert(fields, 'msgId'); table.insert(fields, ARGV[5]) end
redis.call('HDEL', KEYS[2], 'trouble', 'doubtSince', 'doubtEpoch')
closeBatch(KEYS[1], KEYS[2], KEYS[3], is[2], ARGV[3], 'person', tonumber(ARGV[1]), fields)
if ARGV[3] == 'succeeded' then redis.call('HSET', KEYS[1], 'delivered', 'true') end
redis.call('ZREM', KEYS[4], ARGV[2])
if named then
  redis.call('SET', KEYS[6], ARGV[2])
  redis.call('ZREM', KEYS[8], ARGV[5])
  local early = redis.call('GETDEL', KEYS[7])
  if early then applyResult(KEYS[1], KEYS[2], KEYS[3], is[2], tonumber(ARGV[1]), early) end
end
local ended = redis.call('HMGET', KEYS[1], 'report', 'createdAt')
if ended[1] then redis.call('ZADD', KEYS[5], ended[2], string.match(ARGV[2], '^(.*)~')) end
audit(KEYS[9], ARGV[6])
return { ARGV[3], '' }
