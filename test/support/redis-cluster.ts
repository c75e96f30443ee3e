import { once } from "node:events";
import { createServer } from "node:net";
import { Cluster, Redis } from "ioredis";
import { findFreePort } from "../../scripts/redis-server.ts";
import { openRedisServer } from "./redis-server.ts";
import { openSlotMove } from "./slot-move.ts";
import { until } from "./until.ts";

export type ClusterNode = Awaited<ReturnType<typeof openNode>>;
export type RedisCluster = Awaited<ReturnType<typeof openRedisCluster>>;

const SLOTS = 16_384;
/** The nodes talk to each other on a second port, so much higher. */
const BUS = 10_000;
const COUNT = 3;

/** How long a silent node is waited for before the others call it failed. */
const NODE_TIMEOUT_MS = 1_500;

/** A real Redis Cluster of three masters on loopback, its slots spread evenly, whose slots can be moved. */
export async function openRedisCluster() {
  const nodes: ClusterNode[] = [];
  const close = async () => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    for (let number = 0; number < COUNT; number++) nodes.push(await openNode());
    await join(nodes);
  } catch (error) {
    await close();
    throw error;
  }
  const first = at(nodes, 0);

  const slotOf = (key: string): Promise<number> => first.admin.cluster("KEYSLOT", key);
  /** The node that owns a key's slot, as the nodes themselves have it. */
  const ownerOf = async (key: string): Promise<ClusterNode> => {
    const slot = await slotOf(key);
    const ranges = await anyOf(nodes).admin.cluster("SLOTS");
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    const owner = nodes.find(({ id }) => id === range?.[2]?.[2]);
    if (!owner) throw new Error(`nobody owns slot ${slot}`);
    return owner;
  };
  const otherThan = (...not: ClusterNode[]) =>
    at(
      nodes.filter((node) => !not.includes(node)),
      0,
    );

  return {
    nodes,
    /** As REDIS_URL takes it. */
    url: nodes.map(({ url }) => url).join(","),
    ownerOf,
    otherThan,
    /** A client of the whole cluster, as any other program's. */
    connect: () => new Cluster(nodes.map(({ port }) => ({ host: "127.0.0.1", port }))),
    /** Begins to move the slot of a key to another node; nothing is moved before it is told to. */
    async startMove(key: string, to?: ClusterNode) {
      const from = await ownerOf(key);
      return openSlotMove({ slot: await slotOf(key), from, to: to ?? otherThan(from), nodes });
    },
    /** All nodes agree that every slot is served. */
    whole: () => whole(nodes),
    close,
  };
}

async function openNode() {
  const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", String(NODE_TIMEOUT_MS)];
  let server = await withTwoPorts((port) => openRedisServer({ port, args }));
  const { port, url, dir } = server;
  const admin = new Redis(port, { maxRetriesPerRequest: null });
  admin.on("error", () => {}); // it is killed in tests
  const id: string = await admin.cluster("MYID");
  let isUp = true;
  return {
    id,
    port,
    url,
    admin,
    isUp: () => isUp,
    /** The power cut. */
    async kill() {
      isUp = false;
      await server.kill();
    },
    /** It keeps its connections and answers nobody, until it is told to go on. */
    standStill: () => process.kill(server.pid, "SIGSTOP"),
    goOn: () => process.kill(server.pid, "SIGCONT"),
    /** Back with the data that it had, at its old place. */
    async restart() {
      const back = await openRedisServer({ dir, port, args });
      // Its folder goes with the first one.
      const { close } = server;
      server = { ...back, close: () => back.close().then(close) };
      isUp = true;
    },
    async close() {
      admin.disconnect();
      await server.close();
    },
  };
}

/** Somebody else may be quicker to take one of the two. */
async function withTwoPorts<Opened>(open: (port: number) => Promise<Opened>): Promise<Opened> {
  for (let tries = 1; ; tries++) {
    const port = await findFreePort();
    if (port + BUS > 65_535 || !(await isFree(port + BUS))) continue;
    try {
      return await open(port);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const word = await Promise.race([
    once(server, "listening").then(() => true),
    new Promise<false>((resolve) => server.once("error", () => resolve(false))),
  ]).catch(() => false);
  server.close();
  return word;
}

/** What `redis-cli --cluster create` does. */
async function join(nodes: readonly ClusterNode[]): Promise<void> {
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [index, node] of nodes.entries()) {
    const from = index * share;
    const slots = Array.from({ length: Math.min(share, SLOTS - from) }, (_, slot) => from + slot);
    await node.admin.cluster("ADDSLOTS", ...slots);
    await node.admin.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    if (index > 0) await node.admin.cluster("MEET", "127.0.0.1", at(nodes, 0).port);
  }
  await whole(nodes);
}

async function whole(nodes: readonly ClusterNode[]): Promise<void> {
  const fine = async ({ admin }: ClusterNode) => {
    const info: string = await admin.cluster("INFO");
    return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${nodes.length}`);
  };
  const all = async () => (await Promise.all(nodes.map(fine))).every(Boolean);
  await until(all, { timeoutMs: 30_000, describe: "the cluster is whole" });
}

function anyOf(nodes: readonly ClusterNode[]): ClusterNode {
  return at(
    nodes.filter((node) => node.isUp()),
    0,
  );
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error("there is none");
  return item;
}
