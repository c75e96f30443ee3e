-- What a batch job compares before it may sleep (MECHANICS section 1, P3): the batch, whose turn it is, and
-- what of campaign and account can let it go on. Not the campaign's version: every other batch raises that.
local function marksOf(account, campaign, batch, turn, id)
  return cjson.encode({
    redis.call('HGET', batch, 'version'),
    redis.call('HGET', turn, 'owner') == id,
    redis.call('HMGET', campaign, 'state', 'paused', 'stopped', 'refused', 'hold'),
    redis.call('HMGET', account, 'paused', 'blockReason', 'blockUntil'),
  })
end
