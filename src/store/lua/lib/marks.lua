-- What a batch job compares before it may sleep (MECHANICS section 1, P3): the batch, whose turn it is, and
-- what of campaign and account can let it go on. Not the campaign's version: every other batch raises that.
-- A look asks with no id, as if it had not the turn: what it decides then gives the turn up or uses it, and
-- only the turn that comes later is a reason to wake. Else batches that one limit stops wake each other for ever.
local function marksOf(account, campaign, batch, turn, id)
  return cjson.encode({
    redis.call('HGET', batch, 'version'),
    redis.call('HGET', turn, 'owner') == id,
    redis.call('HMGET', campaign, 'state', 'paused', 'stopped', 'refused', 'hold'),
    redis.call('HMGET', account, 'paused', 'blockReason', 'blockUntil'),
  })
end
