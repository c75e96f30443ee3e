import { openRedisCluster } from "../support/redis-cluster.ts";
import { openRigOn, type RigOptions } from "./rig.ts";

export type ClusterRig = Awaited<ReturnType<typeof openClusterRig>>;

/** The rig on a cluster of three nodes of its own; the queues are reached as by any other program. */
export async function openClusterRig(options: Omit<RigOptions, "appendOnly">) {
  const cluster = await openRedisCluster();
  const client = cluster.connect();
  const connection = cluster.connect();
  const close = async () => {
    connection.disconnect();
    client.disconnect();
    await cluster.close();
  };
  const rig = await openRigOn({ url: cluster.url, connection, client, close }, options);
  return { ...rig, cluster };
}
