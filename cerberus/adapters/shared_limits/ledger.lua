-- An exact sliding window for each budget, in the server's time; all charges are counted, or none.
-- KEYS: epoch, processes; for each budget its calls and its sum; then the scopes that may rest
-- ARGV: a new epoch, the process, microseconds until a silent process is forgotten, 1 to count or
--       0 to look, how many budgets; for each its microseconds, the most that may be used, weight
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

redis.call('SET', KEYS[1], ARGV[1], 'NX')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[3]))
redis.call('ZADD', KEYS[2], now, ARGV[2])
local budgets = tonumber(ARGV[5])

-- forget what the window no longer covers, return what is used
local function forget(calls, sum, span)
  while true do
    local head = redis.call('LINDEX', calls, 0)
    if not head then
      redis.call('DEL', sum)
      return 0
    end
    local at, weight = string.match(head, '(%d+):(%d+)')
    if tonumber(at) > now - span then break end
    redis.call('LPOP', calls)
    redis.call('DECRBY', sum, weight)
  end
  return tonumber(redis.call('GET', sum) or '0')
end

-- return microseconds until so much is over, -1 when that never comes
local function wait_for(calls, span, excess)
  local from = 0
  while true do
    local page = redis.call('LRANGE', calls, from, from + 63)
    if #page == 0 then return -1 end
    for _, call in ipairs(page) do
      local at, weight = string.match(call, '(%d+):(%d+)')
      excess = excess - tonumber(weight)
      if excess <= 0 then return tonumber(at) + span - now end
    end
    from = from + 64
  end
end

-- a clock that was set back must not bring the calls out of their order
for i = 1, budgets do
  local last = redis.call('LINDEX', KEYS[2 * i + 1], -1)
  if last then now = math.max(now, tonumber(string.match(last, '(%d+):'))) end
end

local wait, used = 0, {}
for i = 3 + 2 * budgets, #KEYS do
  local left = redis.call('PTTL', KEYS[i])
  if left > 0 then wait = math.max(wait, left * 1000) end
end
for i = 1, budgets do
  local calls, sum = KEYS[2 * i + 1], KEYS[2 * i + 2]
  local span, most, weight = tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4]), tonumber(ARGV[3 * i + 5])
  used[i] = forget(calls, sum, span)
  local excess = used[i] + weight - most
  if excess > 0 and wait >= 0 then
    local needed = wait_for(calls, span, excess)
    if needed < 0 then wait = -1 else wait = math.max(wait, needed) end
  end
end
if wait == 0 and ARGV[4] == '1' then
  for i = 1, budgets do
    local calls, sum = KEYS[2 * i + 1], KEYS[2 * i + 2]
    local left = math.ceil(tonumber(ARGV[3 * i + 3]) / 1000) + 1000
    redis.call('RPUSH', calls, string.format('%.0f:%d', now, tonumber(ARGV[3 * i + 5])))
    redis.call('INCRBY', sum, ARGV[3 * i + 5])
    redis.call('PEXPIRE', calls, left)
    redis.call('PEXPIRE', sum, left)
  end
end
return {string.format('%.0f', wait), redis.call('ZCARD', KEYS[2]), redis.call('GET', KEYS[1]), used}
