-- Runs commands if facts still hold. Nobody sees the state between two of them.
-- KEYS: all keys that the commands touch.
-- ARGV: the number of facts; of each fact four: what it is about, key, argument, value;
--       the number of commands; 1 if they take memory, else 0; of each command the number of its words, and these.
-- Answers 0 if all was applied, N if fact N does not hold; an error if the first command was
-- refused, so that nothing was applied; {error} if a later one was.
local at = 2
for fact = 1, tonumber(ARGV[1]) do
  local about, key, argument, value = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  at = at + 4
  local holds
  if about == 'type' then
    holds = redis.call('TYPE', key)['ok'] == value
  elseif about == 'fits' then
    local fits = redis.call('STRLEN', key) <= tonumber(argument)
    holds = (fits and '1' or '0') == value
  elseif about == 'count' then
    holds = tostring(redis.call('HLEN', key)) == value
  elseif about == 'present' then
    holds = tostring(redis.call('HEXISTS', key, argument)) == value
  else
    local found
    if about == 'string' then
      found = redis.call('GET', key)
    else
      found = redis.call('HGET', key, argument)
    end
    holds = (found and redis.sha1hex(found) or 'absent') == value
  end
  if not holds then
    return fact
  end
end

local commands = tonumber(ARGV[at])
at = at + 1
local takes_memory = ARGV[at] == '1'
at = at + 1
if takes_memory then
  -- Changes nothing, but is refused when writing is: before a DEL went through and a SET did not.
  local probe = redis.pcall('SETRANGE', KEYS[1], 0, '')
  if type(probe) == 'table' and probe.err and not string.find(probe.err, 'WRONGTYPE', 1, true) then
    return probe
  end
end
for number = 1, commands do
  local words = {}
  for word = 1, tonumber(ARGV[at]) do
    words[word] = ARGV[at + word]
  end
  at = at + 1 + #words
  local reply = redis.pcall(unpack(words))
  if type(reply) == 'table' and reply.err then
    if number == 1 then
      return reply
    end
    return {reply.err}
  end
end
return 0
