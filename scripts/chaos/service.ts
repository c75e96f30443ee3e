import { type Child, type ChildOptions, openChild } from "../child.ts";

const START_AGAIN_MS = 300;

export type Service = ReturnType<typeof createService>;

/**
 * A process that is kept running, as a supervisor would: killed and started on purpose, and started again
 * when it ends by itself, of which `onFall` is told.
 */
export function createService(
  options: ChildOptions,
  onFall: (how: { code: number | null; signal: NodeJS.Signals | null }) => void,
) {
  let child: Child | undefined;
  let wanted = false;

  const start = (): Child => {
    wanted = true;
    const own = openChild(options);
    child = own;
    void own.exited.then((how) => {
      if (!wanted || child !== own) return;
      onFall(how);
      setTimeout(() => wanted && child === own && start(), START_AGAIN_MS).unref();
    });
    return own;
  };

  return {
    start,
    async kill(): Promise<void> {
      wanted = false;
      await child?.kill();
    },
    async close(): Promise<void> {
      wanted = false;
      await child?.close();
    },
  };
}
