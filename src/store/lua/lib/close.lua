-- Ends a batch: the only place that does. `fields` are further field, value pairs for its record.
local function closeBatch(campaign, batch, open, number, state, by, now, fields)
  redis.call('HSET', batch, 'state', state, 'closedBy', by, 'closedAt', now, unpack(fields))
  redis.call('HDEL', batch, 'wait')
  redis.call('SREM', open, number)
  redis.call('HINCRBY', batch, 'version', 1)
  redis.call('HINCRBY', campaign, 'version', 1)
end

-- Notes whether a batch just closed could still own a result whose msg_id no batch owns: one under review
-- could, from its first call in doubt on. Where two msg_ids or other people are the trouble, that call is
-- known no more: from when its campaign was created. One that waited for its result in vain has its msg_id: never.
local function trackReview(review, campaign, batch, id)
  local is = redis.call('HMGET', batch, 'state', 'closedBy', 'doubtSince', 'msgId', 'callAt')
  if is[1] ~= 'needs_review' then return redis.call('ZREM', review, id) end
  local since = is[3] or not is[4] and is[5] or redis.call('HGET', campaign, 'createdAt')
  if is[2] == 'give-up' then since = '+inf' end
  redis.call('ZADD', review, since, id)
end
