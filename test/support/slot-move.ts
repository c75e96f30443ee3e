import type { ClusterNode } from "./redis-cluster.ts";

const MIGRATE_MS = 5_000;

export type SlotMove = Awaited<ReturnType<typeof openSlotMove>>;

/**
 * One slot on its way from one node to another, as `redis-cli --cluster reshard` does it. Until it is finished
 * a key that has gone is answered with ASK, and a script of which a key is missing with TRYAGAIN.
 */
export async function openSlotMove(move: {
  slot: number;
  from: ClusterNode;
  to: ClusterNode;
  nodes: readonly ClusterNode[];
}) {
  const { slot, from, to, nodes } = move;
  await to.admin.cluster("SETSLOT", slot, "IMPORTING", from.id);
  await from.admin.cluster("SETSLOT", slot, "MIGRATING", to.id);

  /** Carries so many keys over; how many it were. */
  const carry = async (count: number): Promise<number> => {
    const keys: string[] = await from.admin.cluster("GETKEYSINSLOT", slot, count);
    if (keys.length > 0) await from.admin.migrate("127.0.0.1", to.port, "", 0, MIGRATE_MS, "KEYS", ...keys);
    return keys.length;
  };

  return {
    from,
    to,
    carry,
    /** Carries what is left, and tells all nodes whose the slot is now: the new owner first. */
    async finish(): Promise<void> {
      while ((await carry(10)) > 0);
      const others = nodes.filter((node) => node !== to && node !== from && node.isUp());
      for (const { admin } of [to, from, ...others]) await admin.cluster("SETSLOT", slot, "NODE", to.id);
    },
  };
}
