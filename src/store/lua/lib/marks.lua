-- What a batch job compares before it may sleep (MECHANICS section 1, P3): the batch, and what of campaign
-- and account can let it go on. Not the campaign's version: every other batch raises that. Not the turn
-- either: that wakes only who has not had it when its step began. A step that gives its turn up, or whose
-- call is under way in it, would else run again and again.
local function marksOf(account, campaign, batch)
  return cjson.encode({
    redis.call('HGET', batch, 'version'),
    redis.call('HMGET', campaign, 'state', 'paused', 'stopped', 'refused', 'hold'),
    redis.call('HMGET', account, 'paused', 'blockReason', 'blockUntil'),
  })
end
