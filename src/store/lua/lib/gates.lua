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
  if is[1] then return 'wait', 'paused', -1 end
  if is[2] and now < tonumber(is[3]) then return 'wait', is[2], tonumber(is[3]) end
end

-- The campaign: planned, neither paused, stopped nor canceled, before its deadline, inside its window
-- (minutes of the Shanghai day; from > to spans midnight).
local function campaignGate(key, now, planned, dayEndsAt)
  local is = redis.call('HMGET', key, 'state', 'sendableAt', 'stopped', 'refused', 'deadline', 'windowFrom', 'windowTo')
  if is[1] == 'preparing' then return 'wait', 'preparing', -1 end
  if is[1] == 'paused' then return 'wait', 'paused', -1 end
  if is[1] ~= 'sending' then return 'drop', 'canceled', 0 end
  if is[4] and planned then return 'drop', 'campaign', 0 end
  if is[3] then return 'wait', 'content', -1 end
  if now < tonumber(is[2]) then return 'wait', 'backoff', tonumber(is[2]) end
  if is[5] and now >= tonumber(is[5]) then return 'drop', 'deadline', 0 end
  if not is[6] then return end
  local from, to, minute = tonumber(is[6]), tonumber(is[7]), 1440 - (dayEndsAt - now) / 60000
  local inside = from <= minute and minute < to
  if from > to then inside = from <= minute or minute < to end
  if not inside then return 'wait', 'window', math.ceil(now + ((from - minute) % 1440) * 60000) end
end

-- The limits: the month of the reservations, a unit of today's quota, a place in the minute.
local function limitGate(day, minute, is, id, now, limits)
  if is.month and is.month ~= limits.month then
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
