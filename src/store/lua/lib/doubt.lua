-- A batch is in doubt while one of its calls is. An answer understood clears the doubt only that its own
-- call had set (MECHANICS section 1). Returns whether the batch is still in doubt.
local function clearDoubt(batch, doubt, id, epoch)
  if redis.call('HGET', batch, 'doubtEpoch') == epoch then
    redis.call('HDEL', batch, 'doubtSince', 'doubtEpoch')
    redis.call('ZREM', doubt, id)
  end
  return redis.call('HEXISTS', batch, 'doubtSince') == 1
end
