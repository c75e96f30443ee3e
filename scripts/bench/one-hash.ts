import type { Ledger } from "./ledger.ts";

const admitAll = `
local admitted = {}
for _, openid in ipairs(ARGV) do
  if redis.call('HINCRBY', KEYS[1], openid, 1) <= 4 then admitted[#admitted + 1] = openid end
end
return #admitted`;

/** The naive way to an exact cap: all people of a month in one hash, one Lua call for each chunk of the list. */
export async function admitIntoOneHash(
  { redis, audiences }: Ledger,
  list: Parameters<Ledger["audiences"]["readList"]>[0],
): Promise<void> {
  for await (const lines of audiences.readList(list))
    await redis.eval(admitAll, 1, "one-hash", ...lines.toString().split("\n"));
  await redis.unlink("one-hash");
}
