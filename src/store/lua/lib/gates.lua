-- The gates of begin, each answering nothing when open, else the word that stops, its reason and until
-- when (-1: a person must act).

-- May this batch be called at all by now? A call under way, or just made in vain, must settle first.
local function batchGate(is, now, settleMs)
  local due = tonumber(is.notBefore)
  if is.state == 'sending' then due = tonumber(is.callAt) + settleMs end
  if now < due then return 'wait', is.doubtSince and 'resend' or 'backoff', due end
end

-- The account: not paused by an operator, not stopped by WeChat.
local function accountGate(key, now)
  local is = redis.call('HMGET', key, 'paused', 'blockReason', 'blockUntil')
  if is[1] then return 'wait', 'account', -1 end
  if is[2] and now < tonumber(is[3]) then return 'wait', is[2], tonumber(is[3]) end
end

-- The limits: the month of the reservations, a unit of today's quota, a place in the minute.
local function limitGate(quota, minute, is, now, limits)
  if is.month and is.month ~= limits.month then return is.doubtSince and 'drop' or 'wait', 'month', -1 end
  if now >= limits.dayEndsAt - 3000 or redis.call('SCARD', quota) >= limits.sendCalls then
    return 'wait', 'daily-quota', limits.dayEndsAt
  end
  redis.call('ZREMRANGEBYSCORE', minute, '-inf', now - 60000)
  if redis.call('ZCARD', minute) >= limits.minuteCalls then
    return 'wait', 'minute-quota', tonumber(redis.call('ZRANGE', minute, 0, 0, 'WITHSCORES')[2]) + 60000
  end
end
