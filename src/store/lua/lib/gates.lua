-- The gates of begin, each answering nothing when open, else the word that stops, its reason and until
-- when (-1: a person must act).

-- May this batch be called at all by now? A call under way, or just made in vain, must settle first.
local function batchGate(is, now, settleMs)
  local due = tonumber(is.notBefore)
  if is.state == 'sending' then due = tonumber(is.callAt) + settleMs end
  if now < due then return 'wait', is.doubtSince and 'resend' or 'backoff', due end
end

-- Told of a msg_id that may be an older batch's in doubt, this one is asked again when that one is settled.
local function elderGate(doubt, is, id, now, settleMs)
  if is.elder and redis.call('ZRANGE', doubt, 0, 0)[1] ~= id then return 'wait', 'resend', now + settleMs end
end

-- The account: not paused by an operator, not stopped by WeChat.
local function accountGate(key, now)
  local is = redis.call('HMGET', key, 'paused', 'blockReason', 'blockUntil')
  if is[1] then return 'wait', 'account', -1 end
  if is[2] and now < tonumber(is[3]) then return 'wait', is[2], tonumber(is[3]) end
end

-- The limits: the month of the reservations, a unit of today's quota, a place in the minute.
local function limitGate(day, minute, is, id, now, limits)
  -- For people whom WeChat finds itself nobody is reserved: in another month they are of that.
  if limits.segment and not is.doubtSince then is.month = limits.month end
  if is.month ~= limits.month then
    if is.doubtSince then return 'drop', 'month', 0 end
    -- Another process, whose clock is ahead, is in the next month already.
    if is.month > limits.month then return 'wait', 'month', limits.dayEndsAt end
    return 'wait', 'other-month', -1
  end
  local limit = limits.sendCalls
  -- A repeat of a batch that has today's unit takes no other (subscription accounts).
  if limits.sendUnit == 'batch' and unitIs(day, 'send', id) then limit = nil end
  if dayIsFull(day, 'send', limit, now, limits) then return 'wait', 'daily-quota', limits.dayEndsAt end
  local till = minuteFullUntil(minute, now, limits.minuteCalls)
  if till then return 'wait', 'minute-quota', till end
end
