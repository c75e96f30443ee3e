-- Stops an account's calls for a while. Trouble of the account itself is tried again after firstMs, each
-- further wait doubled up to capMs: those who meet it while it holds, all at once, count as one. `till` is
-- the end of any other stop, which ends such trouble, for WeChat has let the account through. 45028 met
-- again by a new day's first call holds until `monthEndsAt` (CONTRACT section 4). A stop whose end WeChat has
-- set is not made shorter: neither by a shorter one, nor by trouble, which will be met again behind it.
-- With `inARowMs` the first refusal stops nothing; the next one does, within that time of the first or of the
-- end of a stop, unless a call was accepted or a person has resumed in between.
local function blockAccount(key, now, block)
  local till, reason = block.till, block.reason
  local row = block.inARowMs and redis.call('HGET', key, 'tokenRowUntil')
  if block.inARowMs and not (row and now < tonumber(row)) then
    redis.call('HSET', key, 'tokenRowUntil', now + block.inARowMs)
    return now
  end
  if block.spentDay then
    local spent = redis.call('HGET', key, 'spentDay')
    if spent and spent ~= block.spentDay and block.firstCall then reason, till = 'month', block.monthEndsAt end
    redis.call('HSET', key, 'spentDay', block.spentDay)
  end
  local held = redis.call('HMGET', key, 'blockReason', 'blockUntil')
  local heldTill = held[1] and tonumber(held[2]) or 0
  if now < heldTill and (reason == 'account' or held[1] ~= 'account' and till < heldTill) then return heldTill end
  if reason == 'account' then
    local tries = redis.call('HINCRBY', key, 'blockTries', 1)
    till = now + math.min(block.firstMs * 2 ^ (tries - 1), block.capMs)
    redis.call('HSETNX', key, 'blockSince', now)
    if row then redis.call('HSET', key, 'tokenRowUntil', till + block.inARowMs) end
  else
    redis.call('HDEL', key, 'blockSince', 'blockTries')
  end
  till = string.format('%.0f', till)
  redis.call('HSET', key, 'blockReason', reason, 'blockUntil', till, 'blockTrouble', block.trouble)
  return tonumber(till)
end
