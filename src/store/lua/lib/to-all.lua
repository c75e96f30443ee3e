-- Sends to everybody, which enter the account's history: of a service account one a Shanghai day that may have
-- succeeded, and as many a month as a person may get, sends from the console that were booked included (WECHAT.md
-- section 5). The month's number is the base of the cap. A 45028 to one of them, or an administrator who has to confirm
-- one, stops them alone.

-- The rule of such a send (perMonth, monthEndsAt, capsKeptUntil); nothing for any other.
local function toAllRule(limits) return limits.segment and limits.segment.toAll end

-- Answers nothing when open.
local function toAllGate(account, caps, day, is, id, now, limits)
  local rule = toAllRule(limits)
  if not rule then return end
  local held = redis.call('HMGET', account, 'toAllReason', 'toAllUntil')
  if held[1] and now < tonumber(held[2]) then return 'wait', held[1], tonumber(held[2]) end
  if not unitIs(day, 'toAll', id) and dayIsFull(day, 'toAll', 1, now, limits) then
    return 'wait', 'daily-quota', limits.dayEndsAt
  end
  if is.toAllMonth ~= limits.month and tonumber(redis.call('HGET', caps, 'base') or 0) >= rule.perMonth then
    return 'wait', 'month', rule.monthEndsAt
  end
end

-- Takes the day's unit and the month's message, unless this batch has them.
local function takeToAll(batch, caps, day, is, id, epoch, limits)
  local rule = toAllRule(limits)
  if not rule then return end
  takeUnit(day, 'toAll', id, epoch, limits.dayEndsAt)
  if is.toAllMonth == limits.month then return end
  redis.call('HINCRBY', caps, 'base', 1)
  redis.call('PEXPIREAT', caps, string.format('%.0f', rule.capsKeptUntil))
  redis.call('HSET', batch, 'toAllMonth', limits.month)
end

-- For a reason, till a moment. Or WeChat has none left: until the day is over, or, met again on another day of the
-- month, until that is.
local function stopToAll(account, stop)
  local reason, till = stop.reason, stop.till
  if not reason then
    local before = redis.call('HGET', account, 'toAllSpentDay')
    reason, till = 'daily-quota', stop.dayEndsAt
    if before and before ~= stop.day and string.sub(before, 1, 7) == string.sub(stop.day, 1, 7) then
      reason, till = 'month', stop.monthEndsAt
    end
    redis.call('HSET', account, 'toAllSpentDay', stop.day)
  end
  redis.call('HSET', account, 'toAllReason', reason, 'toAllUntil', string.format('%.0f', till))
end
