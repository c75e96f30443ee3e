-- Notes an attempt to deliver a message, and what becomes of the message. One that is delivered or given up is
-- forgotten but for what its campaign shows of the newest.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  messages  what the campaign's owner has yet to be told
-- KEYS[3]  due       messages of the account that are to be delivered, by since when
-- KEYS[4]  ends      how many messages of the account came to which end
-- ARGV[1]  id        the campaign's id
-- ARGV[2]  revision  of the report that the message tells
-- ARGV[3]  state     "pending", "delivered" or "failed"
-- ARGV[4]  now       milliseconds
-- ARGV[5]  next      when it is tried again, milliseconds; "" when it is not
-- ARGV[6]  status    what the receiver answered, or ""
-- ARGV[7]  reason    why it is not delivered, or ""
--
-- Returns "noted", or "over" when the message has come to its end before
local member = ARGV[1] .. '~' .. ARGV[2]
if not redis.call('ZSCORE', KEYS[3], member) then return 'over' end
local attempts = redis.call('HINCRBY', KEYS[2], 'attempts:' .. ARGV[2], 1)
if ARGV[3] == 'pending' then
  redis.call('HSET', KEYS[2], 'next:' .. ARGV[2], ARGV[5])
else
  redis.call('ZREM', KEYS[3], member)
  redis.call('HDEL', KEYS[2], 'report:' .. ARGV[2], 'attempts:' .. ARGV[2], 'next:' .. ARGV[2])
  redis.call('HINCRBY', KEYS[4], ARGV[3], 1)
end
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[2] then return 'noted' end
local shown = { revision = tonumber(ARGV[2]), state = ARGV[3], attempts = attempts, lastAt = tonumber(ARGV[4]) }
if ARGV[6] ~= '' then shown.lastStatus = tonumber(ARGV[6]) end
if ARGV[7] ~= '' then shown.reason = ARGV[7] end
redis.call('HSET', KEYS[1], 'notification', cjson.encode(shown))
return 'noted'
