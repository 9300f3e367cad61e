/** The script of {@link fillRedis}: what `create` writes, from the inside. */
const FILL = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local prefix, customers, isIndexed = ARGV[3], tonumber(ARGV[4]), ARGV[5] == 'true'
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  local id = string.format('00000000-0000-4000-8000-%012d', n)
  local customer = string.format('customer-%d', 100000 + n % customers)
  local key, index = prefix .. id, prefix .. 'customer:' .. customer .. ':'
  redis.call('HSET', key, 'createdAt', now, 'updatedAt', now,
    'agentId', 'agent-7', 'customerId', customer, 'globalVisitId', 'global-1')
  redis.call('PEXPIREAT', key, now + 1800000)
  if isIndexed then
    redis.call('ZADD', index, now, id)
    redis.call('PEXPIRE', index, 87000000)
  end
end`;

/** Puts so many sessions into a Redis: number `n` is of the customer `customer-<100000 + n % customers>`. */
export async function fillRedis(
  sendCommand: (args: string[]) => PromiseLike<unknown>,
  { sessions, customers, prefix, index }: Filling,
): Promise<void> {
  // One command would keep the server silent for longer than clients wait.
  const batch = 10_000;
  for (let from = 0; from < sessions; from += batch) {
    const to = Math.min(from + batch, sessions);
    await sendCommand(['EVAL', FILL, '0', `${from}`, `${to}`, prefix, `${customers}`, `${index}`]);
  }
}

interface Filling {
  readonly sessions: number;
  readonly customers: number;
  readonly prefix: string;
  /** As with `indexCustomers: true`. */
  readonly index: boolean;
}
